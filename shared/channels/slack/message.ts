/**
 * The body of the post. Colour bars exist only on attachments, so the blocks are inside one. Slack shows `text` above it,
 * and uses it alone in push notifications and for screen readers.
 */
export interface SlackPayload {
  text: string
  attachments: [{ color: string; fallback: string; blocks: Block[] }]
  /** Links in outside text get no previews. */
  unfurl_links: false
  unfurl_media: false
}

export type Block =
  | { type: 'section'; text: Text }
  | { type: 'section'; fields: Text[] }
  | { type: 'context'; elements: Text[] }
  | { type: 'actions'; elements: Button[] }

/** `verbatim`: Slack makes no mention or link of what merely looks like one. */
export type Text = { type: 'mrkdwn'; text: string; verbatim: true } | PlainText
type PlainText = { type: 'plain_text'; text: string; emoji: false }

export interface Button {
  type: 'button'
  text: PlainText
  url: string
  action_id: string
}

/**
 * A field takes 2000, its label among them. Not documented: Slack refuses messages with more than about 10 KB of blocks.
 * The headline's and the note's are our own.
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

/** `text` is escaped already. */
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

/** A link in mrkdwn; `label` is escaped already. */
export function link(url: string, label: string): string {
  return `<${escapedUrl(url)}|${label}>`
}

export function escapedUrl(url: string): string {
  return url.replaceAll('&', '&amp;')
}
