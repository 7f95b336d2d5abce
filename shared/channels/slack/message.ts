/**
 * The body of the post. Colour bars exist only on attachments, so the blocks are inside one. Slack shows `text` above it,
 * and uses it alone in push notifications and for screen readers.
 */
export interface SlackPayload {
  text: string
  attachments: [{ color: string; fallback: string; blocks: Block[] }]
  /** No previews of links in text from outside. */
  unfurl_links: false
  unfurl_media: false
}

export type Block =
  | { type: 'section'; text: Text }
  | { type: 'section'; fields: Text[] }
  | { type: 'context'; elements: Text[] }
  | { type: 'actions'; elements: Button[] }

/** `verbatim`: Slack does not turn text that looks like a mention or link into one. */
export type Text = { type: 'mrkdwn'; text: string; verbatim: true } | PlainText
type PlainText = { type: 'plain_text'; text: string; emoji: false }

/** One that opens a page, or one whose press an app is sent. */
export type Button = { type: 'button'; text: PlainText; action_id: string } & (
  | { url: string }
  | { value: string; style?: 'primary' | 'danger' }
)

/**
 * A field's limit is 2000, including its label. Not documented: Slack rejects messages with more than about 10 KB of blocks.
 * The limits for headline and note are our own.
 */
export const LIMITS = {
  sectionText: 3000,
  titleLink: 2000,
  fieldLabel: 50,
  fields: 10,
  blockBytes: 9_500,
  headline: 1000,
  note: 600,
} as const

export const COLOURS = { critical: '#D92D20', warning: '#F5A623', info: '#2E77D0', resolved: '#2EB67D' } as const

/** `text` is already escaped. */
export function message(text: string, color: string, blocks: Block[]): SlackPayload {
  return { text, attachments: [{ color, fallback: text, blocks }], unfurl_links: false, unfurl_media: false }
}

export function section(text: Text): Block {
  return { type: 'section', text }
}

export function mrkdwn(text: string): Text {
  return { type: 'mrkdwn', text, verbatim: true }
}

export function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false }
}

/** A link in mrkdwn; `label` is already escaped. */
export function link(url: string, label: string): string {
  return `<${escapedUrl(url)}|${label}>`
}

export function escapedUrl(url: string): string {
  return url.replaceAll('&', '&amp;')
}
