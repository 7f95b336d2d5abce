import type { Link } from '../answers/link.ts'
import { log } from '../observe/log.ts'
import { measure } from '../observe/metrics.ts'
import { answeredAt, keepIncidentKey } from '../store/answers.ts'
import { carryOut, lineOf } from './carry-out.ts'
import type { Decision, Sender } from './decision.ts'
import { LINKS, wishOf } from './links.ts'
import { passed, saidOf } from './outcome.ts'
import { done, failed, shown } from './page.ts'
import { PAGERDUTY } from './pagerduty.ts'
import { isRefusal, type Refusal, type Request, type Response, refuse, requestIn, text } from './request.ts'
import { say } from './say.ts'
import { secretsOf } from './secrets.ts'
import { ephemeral, SLACK } from './slack.ts'

/**
 * Handles one request to the function's URL. What is not signed by one who may is refused, counted, and costs nothing more:
 * no other call is made. Never throws; 503 asks the sender to bring it again.
 *
 * @param leaseMs after this, whoever brings the same event again may take it over.
 */
export async function receive(event: unknown, leaseMs: number, now = new Date()): Promise<Response> {
  const request = requestIn(event)
  if (isRefusal(request)) return refused(request)
  const response = await answer(request, leaseMs, now)
  return request.method === 'HEAD' ? { ...response, body: '' } : response
}

const SENDERS: [path: RegExp, sender: Sender][] = [
  [/^\/slack\/?$/, SLACK],
  [/^\/pagerduty\/?$/, PAGERDUTY],
  [/^\/link\//, LINKS],
]

async function answer(request: Request, leaseMs: number, now: Date): Promise<Response> {
  const sender = SENDERS.find(([path]) => path.test(request.path))?.[1]
  if (!sender) return refused(refuse('path', 404, 'Nothing is here.'))
  const early = sender.before(request)
  if (early) return isRefusal(early) ? refused(early) : early
  let decision: Decision | undefined
  try {
    decision = sender.decide(request, await secretsOf(sender.secret), now)
    return isRefusal(decision) ? refused(decision) : await carriedOut(decision, leaseMs, now)
  } catch (error) {
    log.error('answer.failed', 'an answer could not be recorded; its sender may bring it again', {
      sender: sender.secret,
      reason: String(error),
    })
    return decision && 'link' in decision ? failed(decision.link) : text(503, 'Not recorded: try again.')
  }
}

function refused({ because, response }: Refusal): Response {
  measure({ AnswersRefused: 1 }, { Reason: because })
  return response
}

async function carriedOut(decision: Exclude<Decision, Refusal>, leaseMs: number, now: Date): Promise<Response> {
  switch (decision.do) {
    case 'answer':
      if (decision.unused !== undefined) log.info('answer.unused', 'nothing to do', { what: decision.unused })
      return decision.response
    case 'remember':
      await keepIncidentKey(decision.incident, decision.key, now)
      return text(200)
    case 'order':
      return ordered(decision, leaseMs)
    case 'show':
      return show(decision.link, decision.id)
    case 'press':
      return done(decision.link, await carryOut(wishOf(decision.link, decision.id, now), leaseMs))
  }
}

/** A command's answer is shown. Whoever has pressed a button only needs to know what no message will show. */
async function ordered(
  { wish, shows, say: to }: Extract<Decision, { do: 'order' }>,
  leaseMs: number,
): Promise<Response> {
  const outcome = await carryOut(wish, leaseMs)
  if (shows === 'text') return ephemeral(saidOf(outcome, wish))
  const isSeen = outcome.kind === 'ordered' && !('silence' in wish.does)
  if (!isSeen && to !== undefined) await say(to, saidOf(outcome, wish))
  return text(200)
}

/** What a link would do; or what it has done. Changes nothing. */
async function show(link: Link, id: string): Promise<Response> {
  const wish = wishOf(link, id, new Date(0))
  const line = await lineOf(link.alert)
  if (!line) return shown(link, { outcome: { kind: 'unknown' } })
  const over = passed(wish, line)
  if (over) return shown(link, { outcome: over })
  const again = await answeredAt(wish.id)
  return shown(link, again === undefined ? { line } : { outcome: { kind: 'ordered', again, line } })
}
