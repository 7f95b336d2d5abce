import { optionsIn, said, Workspace } from '../stand-ins/slack-workspace.ts'
import type { Clock } from './clock.ts'
import type { Answer, Call } from './network.ts'
import type { Random } from './random.ts'
import type { InSlack, Taken } from './taken.ts'

export const SLACK_API_HOST = 'slack.com'

type Change = Pick<Taken, 'action' | 'body'> & { inSlack: Omit<InSlack, 'notificationId'> }

/** Slack's Web API: a workspace in which each target is a channel. */
export class SlackApp {
  readonly #workspace: Workspace
  readonly #random: Random

  constructor(clock: Clock, random: Random) {
    this.#workspace = new Workspace(() => clock.now)
    this.#random = random
  }

  /** The answer to a call, and what it has changed; `error`: what was wrong with it. */
  call(method: string, form: string): { answer: Answer; change?: Change; error?: string } {
    const options = optionsIn({ bytes: Buffer.from(form), json: undefined })
    const channel = this.#workspace.channelOf(options.channel, false)
    const outcome = this.#workspace.methods[method]?.do(options, channel) ?? 'unknown_method'
    const answer = answerOf(said(outcome).body as object)
    // Nobody deletes a message or a thread here.
    if (typeof outcome === 'string') return { answer, error: outcome }
    if (!method.startsWith('chat.')) return { answer }
    const { text, attachments, thread_ts: threadTs } = options
    const inSlack = { ts: String(outcome.ts), ...(threadTs !== undefined && { threadTs: String(threadTs) }) }
    const action = method === 'chat.update' ? 'edit' : 'message'
    return { answer, change: { action, body: { text, attachments }, inSlack } }
  }

  /** Slack has several ways to fail; after each of the first it may have done what it was asked. */
  failure(kind: Parameters<Call['failure']>[0]): Answer {
    switch (kind) {
      case 'refused':
        return this.#random.pick([HTTP_500, error('internal_error'), error('fatal_error')])
      case 'throttled':
        return { ...error('ratelimited'), status: 429, headers: { 'retry-after': '30' } }
      case 'bad':
        return error('restricted_action')
      case 'revoked':
        return error('token_revoked')
    }
  }
}

const HTTP_500: Answer = { status: 503, headers: {}, body: 'upstream connect error' }

const error = (name: string) => answerOf({ ok: false, error: name })

function answerOf(body: object): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/**
 * What people notice of all that was accepted: an edit and the reply that says the same are one message, and so is an edit
 * that was made again. An edit that comes back after others is one of its own. That a digest is edited nobody notices: each of
 * its alerts has a message in its thread.
 */
export function asNoticed(taken: Taken[]): Taken[] {
  const replied = new Map<string, number>()
  for (const [n, one] of taken.entries()) if (one.action === 'message') replied.set(nameOf(one), n)
  const last = new Map<string, Taken>()
  const digests = new Set<string | undefined>()
  return taken.filter((one, n) => {
    if (one.action !== 'edit' || !one.inSlack) {
      if (isDigest(one)) digests.add(one.inSlack?.ts)
      return true
    }
    if (digests.has(one.inSlack.ts)) return false
    const before = last.get(one.inSlack.ts)
    const isAgain = before !== undefined && nameOf(before) === nameOf(one)
    if (isAgain) before.isAnswered ||= one.isAnswered
    else last.set(one.inSlack.ts, one)
    return !isAgain && (replied.get(nameOf(one)) ?? 0) < n
  })
}

/** A post about several alerts, in no thread. */
export function isDigest({ inSlack, action, body }: Taken): boolean {
  return (
    inSlack !== undefined && action === 'message' && !inSlack.threadTs && /\b\d+ (?:alerts|events)\b/.test(textOf(body))
  )
}

function textOf(body: unknown): string {
  return String((body as { text?: unknown }).text)
}

function nameOf({ target, inSlack }: Taken): string {
  return `${target} ${inSlack?.notificationId}`
}
