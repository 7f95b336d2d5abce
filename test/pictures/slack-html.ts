import type { Block, Button, SlackPayload, Text } from '../../shared/channels/slack/message.ts'

/*
 * What a channel of Slack shows of a message, as HTML: block kit in an attachment, mrkdwn, and dates by the reader's clock.
 * Only of what alert-router sends. Pure.
 */

/** Whoever looks at it. */
export interface Reader {
  zone: string
}

/** Around a message, Slack shows who sent it and when; `edited`, and how many replies its thread has. */
export interface Chrome {
  at: number
  isEdited?: boolean
  replies?: { count: number; lastAt: number }
}

export function messageHtml(
  { text, attachments: [{ color, blocks }] }: SlackPayload,
  { at, isEdited = false, replies }: Chrome,
  reader: Reader,
): string {
  const edited = isEdited ? ' <span class="muted">(edited)</span>' : ''
  const thread = replies
    ? `<div class="replies"><b>${replies.count === 1 ? '1 reply' : `${replies.count} replies`}</b> <span>Last reply today at ${timeOf(replies.lastAt, reader)}</span></div>`
    : ''
  return `<div class="message"><div class="avatar">ar</div><div class="body">
<div><b class="from">alert-router</b><span class="app">APP</span><span class="muted">${timeOf(at, reader)}</span></div>
<div>${mrkdwnHtml(text, reader)}${edited}</div>
<div class="attachment" style="border-color:${color}">${blocks.map((block) => blockHtml(block, reader)).join('\n')}</div>
${thread}</div></div>`
}

function blockHtml(block: Block, reader: Reader): string {
  if (block.type === 'actions') return `<div class="actions">${block.elements.map(buttonHtml).join('')}</div>`
  if (block.type === 'context') {
    return `<div class="context">${block.elements.map((text) => textHtml(text, reader)).join(' ')}</div>`
  }
  if ('fields' in block) {
    return `<div class="fields">${block.fields.map((text) => `<div>${textHtml(text, reader)}</div>`).join('')}</div>`
  }
  return `<div class="section">${textHtml(block.text, reader)}</div>`
}

function buttonHtml(button: Button): string {
  const isPrimary = 'style' in button && button.style === 'primary'
  return `<span class="button${isPrimary ? ' primary' : ''}">${escaped(button.text.text)}</span>`
}

function textHtml(text: Text, reader: Reader): string {
  return text.type === 'mrkdwn' ? mrkdwnHtml(text.text, reader) : escaped(text.text)
}

/** `<…|…>` is a link or a date, `*…*` is bold; the rest is escaped as in HTML. */
function mrkdwnHtml(text: string, reader: Reader): string {
  return text
    .replace(/<!date\^(\d+)\^([^|]*)\|[^>]*>/g, (_, seconds: string, form: string) => dated(seconds, form, reader))
    .replace(/<https?:[^|>]*\|([^>]*)>/g, '\u0001$1\u0002')
    .replace(/\*([^*\n]+)\*/g, '<b>$1</b>')
    .replaceAll('\u0001', '<span class="link">')
    .replaceAll('\u0002', '</span>')
    .replaceAll('\n', '<br>')
}

/** To somebody who reads it on that day. */
function dated(seconds: string, form: string, reader: Reader): string {
  const at = Number(seconds) * 1_000
  return form.replace('{date_short_pretty}', 'today').replace('{time_secs}', timeOf(at, reader, true))
}

export function timeOf(at: number, { zone }: Reader, hasSeconds = false): string {
  const second = hasSeconds ? ({ second: '2-digit' } as const) : {}
  const time = new Date(at).toLocaleTimeString('en-US', {
    ...{ hour: 'numeric', minute: '2-digit', timeZone: zone },
    ...second,
  })
  // ICU puts a narrow space before AM.
  return time.replaceAll('\u202f', ' ')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Slack's own colours and sizes, in its light theme; Lato is its font. */
export const STYLE = `
body { margin: 0; padding: 20px; background: #f2f3f5; font: 15px/1.46 Lato, 'Noto Sans', sans-serif; color: #1d1c1d; width: 1440px }
.grid { display: grid; grid-template-columns: repeat(3, 1fr); gap: 20px; align-items: start }
.pane { background: #fff; border: 1px solid #dddddd; border-radius: 10px; padding: 14px 18px 16px }
.title { font-weight: 900; font-size: 16px; margin-bottom: 10px; padding-bottom: 8px; border-bottom: 1px solid #e8e8e8 }
.title span { font-weight: 400; font-size: 13px; color: #616061; margin-left: 8px }
.message { display: flex; gap: 10px }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #4071d6; color: #fff; font-weight: 700; text-align: center; line-height: 36px }
.body { flex: 1; min-width: 0 }
.from { font-weight: 900 }
.app { background: #e8e8e8; color: #616061; font-size: 10px; font-weight: 700; border-radius: 2px; padding: 1px 3px; margin: 0 5px; vertical-align: 1px }
.muted { color: #616061; font-size: 12px }
.attachment { border-left: 4px solid; border-radius: 2px; margin: 6px 0 4px; padding: 2px 0 2px 12px }
.attachment > div { margin: 4px 0 8px; overflow-wrap: anywhere }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 12px }
.link { color: #1264a3 }
.button { display: inline-block; border: 1px solid #bbbbbb; border-radius: 4px; padding: 3px 12px; margin-right: 8px; font-size: 13px; font-weight: 700 }
.primary { background: #007a5a; border-color: #007a5a; color: #fff }
.context { color: #616061; font-size: 12px }
.replies { font-size: 13px; color: #616061; margin-top: 2px }
.replies b { color: #1264a3; margin-right: 4px }
.rule { display: flex; align-items: center; gap: 10px; color: #616061; font-size: 13px; margin: 10px 0 }
.rule::after { content: ''; flex: 1; border-top: 1px solid #e8e8e8 }
`
