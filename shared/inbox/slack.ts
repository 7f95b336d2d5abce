import { asText } from '../../schemas/loose.ts'
import { BUTTONS, type Button, pressedIn } from '../answers/button.ts'
import { isSigned } from '../answers/signature.ts'
import { clean, oneLine, shorten } from '../channels/outside-text.ts'
import { commanded } from './command.ts'
import type { Decision, Sender } from './decision.ts'
import { fields, fieldsIn, json, type Refusal, type Request, type Response, refuse, text } from './request.ts'
import { type Does, idIn, nameIn, timeIn } from './wish.ts'

/*
 * Slack's requests: forms, signed with their time. A press of a button is to be answered with an empty 200 within three
 * seconds; what is to be said about it goes to its `response_url`. A slash command's answer is shown to whoever typed it.
 * Slack sends none of them a second time. Pure.
 */

const SIGNATURE = 'x-slack-signature'
const TIME = 'x-slack-request-timestamp'
/** Longer ago, or ahead: a request that somebody has kept. */
const MAX_AGE_S = 300
/** Where a text for the person may be sent: https, and a host of Slack's. */
const SLACK_HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com']

export const SLACK: Sender = { secret: 'slack-signing', before, decide }

function before(request: Request): Refusal | Response | undefined {
  const { method, headers, query, body } = request
  // Slack tries whether the address is there; nothing is done, so nothing is checked.
  const form = method === 'POST' ? body.toString('latin1') : query
  if (/(?:^|&)ssl_check=1(?:&|$)/.test(form) && !/(?:^|&)(?:payload|command)=/.test(form)) return text(200)
  if (method !== 'POST') return refuse('method', 405, 'POST only.', { allow: 'POST' })
  if (headers[SIGNATURE] === undefined || headers[TIME] === undefined) return refuse('unsigned', 401, 'No signature.')
  return undefined
}

function decide({ headers, body }: Request, secrets: string[], now: Date): Decision {
  const time = headers[TIME] ?? ''
  const given = /^v0=(\S+)$/.exec(headers[SIGNATURE] ?? '')?.[1] ?? ''
  if (!isSigned([given], secrets, ['v0:', time, ':', body])) return refuse('signature', 403, 'Wrong signature.')
  const ageS = Math.abs(now.getTime() / 1_000 - Number(time))
  if (!(/^\d{1,12}$/.test(time) && ageS <= MAX_AGE_S)) return refuse('old', 403, 'Too old.')
  const form = new URLSearchParams(body.toString())
  const sentAt = new Date(Number(time) * 1_000).toISOString()
  const signed = { id: given.toLowerCase(), sentAt }
  const payload = form.get('payload')
  if (payload !== null) return interaction(fieldsIn(payload), signed)
  if (form.get('command') !== null) return command(form, signed)
  return { do: 'answer', response: text(200), unused: 'neither a command nor a payload' }
}

interface Signed {
  /** The signature: of this request alone. */
  id: string
  sentAt: string
}

function interaction(payload: Record<string, unknown>, { id, sentAt }: Signed): Decision {
  const { type, actions, user, response_url: url, trigger_id: trigger } = payload
  const all = (Array.isArray(actions) ? actions : []).map(fields)
  const action = all.find(({ action_id: one, value }) => isButton(one) && typeof value === 'string' && value !== '')
  if (type !== 'block_actions' || !action) {
    const unused =
      type === 'block_actions' ? 'a button that leads to a page' : shorten(oneLine(asText(type) ?? 'no type'), 100)
    return { do: 'answer', response: text(200), unused }
  }
  const say = isOfSlack(url) ? url : undefined
  const { name, username, id: userId } = fields(user)
  // Seconds, with digits after the point.
  const at = (typeof action.action_ts === 'string' ? timeIn(Number(action.action_ts) * 1_000) : undefined) ?? sentAt
  const wish = {
    id: idOf(trigger, id),
    about: pressedIn(String(action.value)),
    does: doneBy(action.action_id, at),
    by: nameIn([name, username, userId], 'somebody'),
    via: 'slack' as const,
    at,
  }
  return { do: 'order', wish, shows: 'nothing', ...(say !== undefined && { say }) }
}

const HOUR_MS = 3_600_000

/** Nobody is asked for a reason: that it was pressed is the reason. */
function doneBy(button: unknown, at: string): Does {
  if (button !== 'silence') return { acknowledge: true }
  const until = new Date(Date.parse(at) + HOUR_MS).toISOString()
  return { silence: true, until, why: 'Silence 1h, pressed in Slack' }
}

function command(form: URLSearchParams, { id, sentAt }: Signed): Decision {
  const wanted = commanded(unescaped(form.get('text') ?? ''), sentAt, form.get('command') ?? '')
  if ('text' in wanted) return { do: 'answer', response: ephemeral(wanted.text) }
  const by = nameIn([form.get('user_name'), form.get('user_id')], 'somebody')
  const wish = { id: idOf(form.get('trigger_id'), id), ...wanted, by, via: 'slack' as const, at: sentAt }
  return { do: 'order', wish, shows: 'text' }
}

/** Each press has its own `trigger_id`. */
function idOf(trigger: unknown, signature: string): string {
  return `slack ${typeof trigger === 'string' && trigger !== '' ? idIn(trigger) : signature}`
}

/** Shown to the person alone. */
export function ephemeral(said: string): Response {
  return json(200, { response_type: 'ephemeral', text: escapedForSlack(said) })
}

export function escapedForSlack(said: string): string {
  return clean(said).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** Slack escapes these three, and no others. */
function unescaped(typed: string): string {
  return typed.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&')
}

function isButton(id: unknown): id is Button {
  return BUTTONS.some((one) => one === id)
}

function isOfSlack(url: unknown): url is string {
  if (typeof url !== 'string' || url.length > 2_000 || !URL.canParse(url)) return false
  const { protocol, hostname, port, username, password } = new URL(url)
  return protocol === 'https:' && SLACK_HOSTS.includes(hostname) && port === '' && username + password === ''
}
