import type { Fields } from '../stand-ins/exchange.ts'
import { alertErrors, changeErrors, keyErrors } from '../stand-ins/pagerduty.ts'
import { slackAnswer } from '../stand-ins/slack.ts'
import type { Clock } from './clock.ts'
import type { Answer, Network } from './network.ts'

/** A message that a channel's target accepted, in the order of effect. */
export interface Taken {
  at: number
  /** The target: a secret's name, an email channel's. */
  target: string
  type: 'pagerduty' | 'slack' | 'email'
  /** PagerDuty's `trigger`, `resolve` or `change`; for the others, `message`. */
  action: string
  /** PagerDuty's. */
  dedupKey?: string
  body: unknown
  /** Whether its sender received the response. */
  isAnswered: boolean
}

/** A PagerDuty incident: one for each time that it was opened. */
export interface Incident {
  target: string
  dedupKey: string
  isOpen: boolean
  openedAt: number
  resolvedAt?: number
  triggers: number
}

interface Secrets {
  /** The target of a routing key. */
  byRoutingKey: Map<string, string>
}

/** PagerDuty, Slack and the readers of email: they reject what the real ones reject, and keep what they accept. */
export class Vendors {
  readonly taken: Taken[] = []
  readonly incidents: Incident[] = []
  /** Calls that a vendor rejected as invalid (400), with its message. */
  readonly refused: { at: number; target: string; why: string }[] = []
  readonly #clock: Clock
  readonly #network: Network
  readonly #secrets: Secrets

  constructor(clock: Clock, network: Network, secrets: Secrets) {
    this.#clock = clock
    this.#network = network
    this.#secrets = secrets
  }

  /** Replaces `fetch`. */
  async fetch(url: string, init: RequestInit): Promise<unknown> {
    const { hostname, pathname } = new URL(url)
    const json = JSON.parse(String(init.body)) as Fields
    const isSlack = hostname === SLACK_HOST
    const type = isSlack ? 'slack' : 'pagerduty'
    const target = isSlack ? (pathname.split('/').at(-1) ?? '') : this.#targetOf(json)
    let taken: Taken | undefined
    const answer = await this.#network.call(
      {
        what: `${type} ${target} ${isSlack ? 'message' : (json.event_action ?? 'change')}`,
        names: [type, `${type}:${target}`, 'vendors'],
        act: () => {
          const { answer, ...rest } = isSlack ? this.#slack(target, json) : this.#pagerduty(target, pathname, json)
          taken = rest.taken
          return answer
        },
        failure: (kind) => FAILURES[kind],
        // PagerDuty's client has to read the body.
        answered: ({ isCut }) => {
          if (taken) taken.isAnswered = isSlack || !isCut
        },
      },
      { signal: init.signal ?? undefined, abortError: (signal) => signal.reason as Error },
    )
    return responseOf(answer)
  }

  #targetOf({ routing_key }: Fields): string {
    return this.#secrets.byRoutingKey.get(String(routing_key)) ?? 'unknown'
  }

  #slack(target: string, json: Fields): { answer: Answer; taken?: Taken } {
    const { status, body } = slackAnswer({ method: 'POST', json })
    const answer = { status, headers: {}, body: String(body) }
    if (status >= 300) this.refused.push({ at: this.#clock.now, target, why: String(body) })
    return status < 300
      ? { answer, taken: this.take({ target, type: 'slack', action: 'message', body: json }) }
      : { answer }
  }

  #pagerduty(target: string, path: string, json: Fields): { answer: Answer; taken?: Taken } {
    const isChange = path === '/v2/change/enqueue'
    const keys = [...this.#secrets.byRoutingKey.keys()]
    const errors = [...keyErrors(json, keys), ...(isChange ? changeErrors(json) : alertErrors(json))]
    if (errors.length > 0) {
      this.refused.push({ at: this.#clock.now, target, why: errors.join('; ') })
      return { answer: jsonAnswer(400, { status: 'invalid event', message: 'Event object is invalid', errors }) }
    }
    const { routing_key: _, ...body } = json
    const action = isChange ? 'change' : String(json.event_action)
    const dedupKey = isChange ? undefined : String(json.dedup_key)
    const taken = this.take({ target, type: 'pagerduty', action, dedupKey, body })
    if (dedupKey !== undefined) this.#follow(target, dedupKey, action)
    return { answer: jsonAnswer(202, { status: 'success', message: 'Event processed', dedup_key: dedupKey }), taken }
  }

  #follow(target: string, dedupKey: string, action: string): void {
    const { now } = this.#clock
    const open = this.incidents.find((one) => one.isOpen && one.target === target && one.dedupKey === dedupKey)
    if (action === 'resolve' && open) Object.assign(open, { isOpen: false, resolvedAt: now })
    if (action !== 'trigger') return
    if (open) open.triggers++
    else this.incidents.push({ target, dedupKey, isOpen: true, openedAt: now, triggers: 1 })
  }

  take(one: Omit<Taken, 'at' | 'isAnswered'>): Taken {
    const taken = { ...one, at: this.#clock.now, isAnswered: false }
    this.taken.push(taken)
    return taken
  }
}

export const SLACK_HOST = 'hooks.slack.com'

const FAILURES: Record<'refused' | 'throttled' | 'bad' | 'revoked', Answer> = {
  refused: { status: 500, headers: {}, body: '{"message":"it is down"}' },
  throttled: { status: 429, headers: { 'retry-after': '30' }, body: '{"message":"Too many requests"}' },
  bad: { status: 400, headers: {}, body: '{"message":"it takes nothing of the kind today"}' },
  revoked: { status: 404, headers: {}, body: '{"message":"no_service"}' },
}

function jsonAnswer(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** The parts of a `Response` that its callers use. */
function responseOf({ status, headers, body, isCut }: Answer): unknown {
  const text = async () => {
    if (isCut) throw Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } })
    return body
  }
  return {
    status,
    ok: status >= 200 && status < 300,
    statusText: '',
    headers: new Headers(headers),
    text,
    json: async () => JSON.parse(await text()),
  }
}
