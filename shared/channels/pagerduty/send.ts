import { change, event } from '@pagerduty/pdjs'
import { ChannelError, type Destination } from '../channel.ts'
import { describeFailure, retryAfterStatus, withoutSecret } from '../http-answer.ts'
import { oneLine, shorten } from '../outside-text.ts'
import { withReference } from './reference.ts'
import type { PagerDutyEvent, PagerDutyPayload } from './render.ts'

/**
 * Posts one event. PagerDuty has accepted it when it answers 2xx (normally 202).
 * Settles within `timeoutMs`, and leaves no timer and no later post behind.
 * @throws {ChannelError}
 */
export async function send(payload: PagerDutyPayload, to: Destination): Promise<void> {
  const stop = new AbortController()
  const deadline = startDeadline(to.timeoutMs, stop)
  let askedToWait = false

  const options = {
    ...(to.server === undefined ? {} : { server: to.server }),
    headers: { 'X-Request-Id': to.notificationId },
    // Another host must not see the routing key.
    redirect: 'manual',
    signal: stop.signal,
    // pdjs never aborts on its `requestTimeout`, but leaves its timer running: 0 means no timer.
    requestTimeout: 0,
    // On a 429 pdjs sleeps and retries three times inside the call. The queue does that better: it can wait for minutes and
    // outlives this process. pdjs reads the length of that sleep only on a 429, so reading it is our signal to stop.
    retryTimeout: {
      valueOf() {
        askedToWait = true
        stop.abort()
        return 0
      },
    } as unknown as number,
  } satisfies Options

  try {
    const answer = await Promise.race([post(payload, to, options), deadline.passed])
    if (answer.status >= 200 && answer.status < 300) return
    throw refusal(answer.status, answer.data, to)
  } catch (error) {
    if (error instanceof ChannelError) throw error
    if (askedToWait) throw refusal(429, undefined, to)
    const why =
      error instanceof DeadlinePassed
        ? `did not answer within ${to.timeoutMs} ms`
        : `gave no usable response: ${describeFailure(error)}`
    throw new ChannelError(`PagerDuty (channel ${to.channel}) ${why}`, { retry: 'later' })
  } finally {
    deadline.clear()
    stop.abort()
  }
}

type EventParameters = Parameters<typeof event>[0]
type Options = Omit<EventParameters, 'data'>
type Answer = { status: number; data?: unknown }

function post(payload: PagerDutyPayload, to: Destination, options: Options): Promise<Answer> {
  // pdjs's types require an event's action on a change event too, and have no `client`.
  const said = payload.kind === 'event' ? withKey(payload.data) : payload.data
  const data = { ...said, routing_key: to.target.trim() } as EventParameters['data']
  return payload.kind === 'change' ? change({ ...options, data }) : event({ ...options, data })
}

/** Where people answer from PagerDuty (INBOX), an incident's first webhook says which alert it is of. */
function withKey(data: PagerDutyEvent): PagerDutyEvent {
  if (process.env.INBOX !== 'on' || data.event_action !== 'trigger') return data
  const client_url = withReference(data.client_url ?? data.links[0]?.href, data.dedup_key)
  return { ...data, ...(client_url !== undefined && { client_url }) }
}

class DeadlinePassed extends Error {}

/** Stops the client at the deadline, and settles then even if the client does not. */
function startDeadline(timeoutMs: number, stop: AbortController) {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // First, so that this error wins over the client's own.
      reject(new DeadlinePassed())
      stop.abort()
    }, timeoutMs)
  })
  return { passed, clear: () => clearTimeout(timer) }
}

function refusal(status: number, answer: unknown, to: Destination): ChannelError {
  const words = vendorWords(answer)
  const said = withoutSecret(words, to.target.trim(), '(routing key)')
  // PagerDuty answers 400 to a wrong key as well as to a wrong event. Only for a wrong key can a new read of the secret help.
  const isAboutKey = status === 400 && /routing[ _]?key|integration key/i.test(words)
  const retry = isAboutKey ? 'secret' : retryAfterStatus(status)
  const advice =
    retry === 'secret'
      ? `; check the secret of the channel: it must be the integration's routing key, 32 characters`
      : ''
  return new ChannelError(`PagerDuty (channel ${to.channel}) answered ${status}${said && `: ${said}`}${advice}`, {
    retry,
    status,
    lane: to.lane,
  })
}

/** `{status, message, errors: […]}`, as documented, on one line. */
function vendorWords(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return ''
  const { message, errors } = answer as { message?: unknown; errors?: unknown }
  const words = [message, ...(Array.isArray(errors) ? errors : [])].filter((word) => typeof word === 'string')
  return shorten(oneLine(words.join('; ')), 1000)
}
