import type { Evidence } from '../../schemas/evidence.ts'
import { FIRST_ASKERS, type FirstClients } from '../asking/first-asked.ts'
import { closeFirstClients } from '../asking/first-clients.ts'
import { askMetrics, GET_METRICS } from '../asking/metrics.ts'
import { outcomeOf } from '../asking/refused.ts'
import { DEADLINE_S, type Known } from '../evidence/ask-first.ts'
import { evidenceOf, firstQuestions } from '../evidence/evidence.ts'
import type { Ask, Outcome } from '../questions/ask.ts'
import { clientsFor, type Own } from './clients-for.ts'

/** Asks all at once, and waits for no answer longer than the deadline: what has none by then says so. */
export async function gather(known: Known, own: Own, deadlineMs = DEADLINE_S * 1_000): Promise<Evidence> {
  const started = performance.now()
  const questions = firstQuestions(known)
  const asks = new Map(questions.flatMap(({ asks: some }) => some.map((ask) => [JSON.stringify(ask), ask])))
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(new DOMException('no answer in time', 'TimeoutError')), deadlineMs)
  const outcomes = new Map<string, Outcome>()
  try {
    const opened = await untilStopped(
      clientsFor(known.alert, known.platform, own, stop.signal),
      stop.signal,
      'sts:AssumeRole',
    )
    if ('refused' in opened) for (const of of asks.keys()) outcomes.set(of, opened)
    else {
      const asking = new Asking(opened.clients, stop.signal)
      await Promise.all([...asks].map(async ([of, ask]) => outcomes.set(of, await asking.ask(ask))))
      // A query of logs is stopped after the deadline, too: its client is closed once that is done.
      void asking.settled().then(() => closeFirstClients(opened.clients))
    }
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
  const about = { askedAt: known.now.toISOString(), tookMs: Math.round(performance.now() - started) }
  return evidenceOf(questions, (ask) => outcomes.get(JSON.stringify(ask)) ?? NOT_ASKED, about)
}

const NOT_ASKED: Outcome = { refused: { why: 'it was not asked' } }

class Asking {
  readonly #clients: FirstClients
  readonly #signal: AbortSignal
  /** CloudTrail answers two calls a second: one ask follows the other. */
  #trail: Promise<unknown> = Promise.resolve()
  readonly #calls: Promise<unknown>[] = []

  constructor(clients: FirstClients, signal: AbortSignal) {
    this.#clients = clients
    this.#signal = signal
  }

  ask(ask: Ask): Promise<Outcome> {
    if (ask.kind === 'metric') {
      const asked = askMetrics(this.#clients.cloudWatch, [ask], () => new Date(), this.#signal)
      return untilStopped(
        asked.then((found) => found.get(ask) ?? NOT_ASKED),
        this.#signal,
        GET_METRICS,
      )
    }
    const asker = (FIRST_ASKERS as Record<string, (typeof FIRST_ASKERS)[keyof typeof FIRST_ASKERS] | undefined>)[
      ask.kind
    ]
    if (!asker) return Promise.resolve(NOT_ASKED)
    const call = () => {
      const answer = outcomeOf<unknown>(
        asker.actions,
        () => new Date(),
        () => asker.ask({ clients: this.#clients }, ask as never, this.#signal),
      ) as Promise<Outcome>
      this.#calls.push(answer)
      return answer
    }
    if (ask.kind !== 'changes') return untilStopped(call(), this.#signal, asker.actions)
    const turn = this.#trail.then(call)
    this.#trail = turn.catch(() => undefined)
    return untilStopped(turn, this.#signal, asker.actions)
  }

  /** Nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#calls)
  }
}

/** Whatever a client does at the deadline: it is not waited for. */
function untilStopped<Of>(
  work: Promise<Of>,
  signal: AbortSignal,
  actions: string,
): Promise<Of | { refused: { why: string } }> {
  const late = new Promise<{ refused: { why: string } }>((resolve) => {
    const answer = () => resolve({ refused: { why: `no answer in time to ${actions}` } })
    if (signal.aborted) answer()
    else signal.addEventListener('abort', answer, { once: true })
  })
  return Promise.race([work, late])
}
