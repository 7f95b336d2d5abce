import type { Fields } from '../stand-ins/exchange.ts'
import { alertErrors, changeErrors, keyErrors } from '../stand-ins/pagerduty.ts'
import { messageFault, type SendEmail } from '../stand-ins/ses-message.ts'
import { slackAnswer } from '../stand-ins/slack.ts'
import { AwsError } from './aws/error.ts'
import type { Clock } from './clock.ts'
import { inContainer } from './container.ts'
import type { Answer, Call, Network } from './network.ts'
import type { Random } from './random.ts'
import { SLACK_API_HOST, SlackApp } from './slack-app.ts'
import type { Incident, Taken } from './taken.ts'

interface Secrets {
  /** The target of a routing key. */
  byRoutingKey: Map<string, string>
  /** The target of a bot's token. */
  byToken: Map<string, string>
}

/** A request of `fetch`. */
type Request = Pick<Call, 'what' | 'names' | 'failure'> & {
  act: () => { answer: Answer; taken?: Taken | undefined }
  /** Whether its client acts on the status alone. */
  isReadByStatus?: true
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
  readonly #slackApp: SlackApp

  constructor(clock: Clock, network: Network, secrets: Secrets, random: Random) {
    this.#clock = clock
    this.#network = network
    this.#secrets = secrets
    this.#slackApp = new SlackApp(clock, random)
  }

  /** Replaces `fetch`. */
  async fetch(url: string, init: RequestInit): Promise<unknown> {
    const { hostname, pathname } = new URL(url)
    const { act, isReadByStatus, ...request } = this.#requestOf(hostname, pathname, init)
    const region = inContainer.getStore()?.env.AWS_REGION
    let taken: Taken | undefined
    const answer = await this.#network.call(
      {
        ...request,
        act: () => {
          const { answer, ...rest } = act()
          taken = rest.taken
          if (taken && region !== undefined) taken.region = region
          return answer
        },
        answered: ({ isCut }) => {
          if (taken) taken.isAnswered = isReadByStatus === true || !isCut
        },
      },
      { signal: init.signal ?? undefined, abortError: (signal) => signal.reason as Error },
    )
    return responseOf(url, answer)
  }

  #requestOf(hostname: string, path: string, init: RequestInit): Request {
    if (hostname === SLACK_API_HOST) return this.#byApp(path, init)
    const json = JSON.parse(String(init.body)) as Fields
    const isSlack = hostname === SLACK_HOST
    const type = isSlack ? 'slack' : 'pagerduty'
    const target = isSlack ? (path.split('/').at(-1) ?? '') : this.#targetOf(json)
    return {
      what: `${type} ${target} ${isSlack ? 'message' : (json.event_action ?? 'change')}`,
      names: [type, `${type}:${target}`, 'vendors'],
      act: () => (isSlack ? this.#slack(target, json) : this.#pagerduty(target, path, json)),
      failure: (kind) => FAILURES[kind],
      ...(isSlack && { isReadByStatus: true }),
    }
  }

  #byApp(path: string, { body, headers }: RequestInit): Request {
    const method = path.split('/').at(-1) ?? ''
    const { Authorization = '', 'X-Request-Id': notificationId = '' } = headers as Record<string, string>
    const target = this.#secrets.byToken.get(Authorization.replace('Bearer ', '')) ?? 'unknown'
    return {
      what: `slack-app ${target} ${method}`,
      names: ['slack-app', `slack-app:${target}`, `slack-app.${method}`, 'vendors'],
      act: () => {
        const { answer, change, error } = this.#slackApp.call(method, String(body))
        if (error !== undefined) this.refused.push({ at: this.#clock.now, target, why: `${method}: ${error}` })
        if (!change) return { answer }
        const inSlack = { ...change.inSlack, notificationId }
        return { answer, taken: this.take({ ...change, target, type: 'slack-app', inSlack }) }
      },
      failure: (kind) => this.#slackApp.failure(kind),
    }
  }

  /** SES's `SendEmail`: one message to all addresses of a channel. @throws {AwsError} what SES refuses. */
  byEmail(message: SendEmail): object {
    const fault = messageFault(message)
    const target = targetOfEmail(message)
    if (fault !== undefined) {
      this.refused.push({ at: this.#clock.now, target, why: fault })
      throw new AwsError('BadRequestException', fault)
    }
    const { Subject, Body } = message.Content?.Simple ?? {}
    const body = { subject: Subject?.Data, text: Body?.Text?.Data }
    this.take({ target, type: 'email', action: 'message', body })
    return { MessageId: `0100-${this.taken.length}` }
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

/** The readers of an email channel: by the first of its addresses. */
export function targetOfEmail({ Destination }: SendEmail): string {
  return Destination?.ToAddresses?.[0]?.split('@')[0] ?? 'nobody'
}

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
function responseOf(url: string, { status, headers, body, isCut }: Answer): unknown {
  const text = async () => {
    if (isCut) throw Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } })
    return body
  }
  return {
    url,
    status,
    ok: status >= 200 && status < 300,
    statusText: '',
    headers: new Headers(headers),
    text,
    json: async () => JSON.parse(await text()),
  }
}
