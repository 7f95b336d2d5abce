import { type Fields, type HttpAnswer, isObject, type Request } from './exchange.ts'
import { type Limit, limiter } from './limit.ts'
import { destination, type ForwardTo, type StandIn, startStandIn } from './stand-in.ts'

interface Options {
  /** Names of the only webhooks that exist; by default, all do. */
  webhooks?: string[]
  /** The user's own server, for all or by the webhook's name: its whole URL, as a webhook's would be. */
  forwardTo?: ForwardTo
  /** Whether a webhook that is used too often is rate limited. */
  isLimited?: boolean
}

/** "1 per second, with short bursts": the length of a burst is not documented. */
const LIMIT: Limit = { perMinute: 60, burst: 10 }

/**
 * Slack's incoming webhooks at `/services/<team>/<app>/<name>`: rejects what Slack rejects. The path is a secret, so
 * a capture's `path` is only the webhook's name.
 */
export function startSlack({ webhooks, forwardTo, isLimited = false }: Options = {}): Promise<StandIn> {
  const waitMs = limiter(LIMIT)
  return startStandIn({
    answer(request) {
      const name = webhookName(request.path)
      if (name === undefined || (webhooks && !webhooks.includes(name))) return { status: 404, body: 'no_service' }
      const wait = isLimited ? waitMs(name, Date.now()) : 0
      return wait > 0 ? tooMany(wait) : slackAnswer(request)
    },
    capture: ({ path, json, bytes }) => ({
      path: webhookName(path) ?? '(unknown webhook)',
      body: json ?? bytes.toString(),
    }),
    forwardTo: ({ path }) => destination(forwardTo, webhookName(path) ?? ''),
  })
}

function webhookName(path: string): string | undefined {
  return /^\/services\/[^/]+\/[^/]+\/([^/?]+)$/.exec(path)?.[1]
}

function tooMany(waitMs: number): HttpAnswer {
  return { status: 429, headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) }, body: 'rate_limited' }
}

/** Slack's response to a message: it accepts it, or returns an error. */
export function slackAnswer({ method, json }: Pick<Request, 'method' | 'json'>): HttpAnswer {
  if (method !== 'POST' || !isObject(json)) return refused('invalid_payload')
  const error = contentError(json)
  return error === undefined ? { status: 200, body: 'ok' } : refused(error)
}

/** What Slack rejects of a message's content, by its name; `undefined`: nothing. */
export function contentError(json: Fields): string | undefined {
  const attachments = json.attachments ?? []
  if (!Array.isArray(attachments) || !attachments.every(isObject)) return 'invalid_attachments'
  if (attachments.length > 100) return 'too_many_attachments'
  const text = json.text ?? ''
  if (typeof text !== 'string' || text.length > 40_000) return 'invalid_payload'
  const stacks = [json.blocks, ...attachments.map(({ blocks }) => blocks)].filter((blocks) => blocks !== undefined)
  // Slack accepts blocks without a text, but then notifications and screen readers have no content.
  if (text === '') return 'no_text'
  return stacks.every(areBlocks) ? undefined : 'invalid_blocks'
}

function refused(reason: string): HttpAnswer {
  return { status: 400, body: reason }
}

/** The whole has an undocumented limit of about 10 KB. */
function areBlocks(blocks: unknown): boolean {
  return (
    Array.isArray(blocks) &&
    blocks.length <= 50 &&
    Buffer.byteLength(JSON.stringify(blocks)) < 10_000 &&
    blocks.every(isBlock)
  )
}

function isBlock(block: unknown): boolean {
  if (!isObject(block)) return false
  if (block.block_id !== undefined && !isLong(block.block_id, 1, 255)) return false
  switch (block.type) {
    case 'section':
      return isSection(block)
    case 'header':
      return isText(block.text, 150) && block.text.type === 'plain_text'
    case 'context':
      return isList(block.elements, 10, (element) => isText(element, 3000))
    case 'actions':
      return isList(block.elements, 25, isButton) && haveOwnIds(block.elements as Fields[])
    case 'divider':
      return true
    default:
      return false
  }
}

function isSection({ text, fields }: Fields): boolean {
  if (text === undefined && fields === undefined) return false
  if (text !== undefined && !isText(text, 3000)) return false
  return fields === undefined || isList(fields, 10, (field) => isText(field, 2000))
}

function isButton(button: unknown): boolean {
  if (!isObject(button) || button.type !== 'button') return false
  const { text, url, value, style, action_id: id } = button
  if (!isText(text, 75) || text.type !== 'plain_text') return false
  if (url !== undefined && !(isLong(url, 1, 3000) && /^https?:/.test(url) && URL.canParse(url))) return false
  if (value !== undefined && !isLong(value, 1, 2000)) return false
  if (style !== undefined && style !== 'primary' && style !== 'danger') return false
  return id === undefined || isLong(id, 1, 255)
}

function haveOwnIds(elements: Fields[]): boolean {
  const ids = elements.flatMap(({ action_id: id }) => id ?? [])
  return new Set(ids).size === ids.length
}

interface Text {
  type: 'plain_text' | 'mrkdwn'
  text: string
}

function isText(value: unknown, max: number): value is Text {
  if (!isObject(value) || !isLong(value.text, 1, max)) return false
  const { type } = value
  // Only plain text has `emoji`, only mrkdwn has `verbatim`.
  return (type === 'plain_text' && value.verbatim === undefined) || (type === 'mrkdwn' && value.emoji === undefined)
}

function isLong(value: unknown, min: number, max: number): value is string {
  return typeof value === 'string' && value.length >= min && value.length <= max
}

function isList(value: unknown, max: number, isElement: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= max && value.every(isElement)
}
