import { clean, cutAfter } from '../outside-text.ts'

/**
 * Text from outside in Slack's own forms. Slack reads `&`, `<` and `>` everywhere: unescaped, `<!channel>` in an alarm's
 * description wakes everyone (https://docs.slack.dev/messaging/formatting-message-text/#escaping).
 */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Escaped, and at most `max` long as escaped: cut between characters, never inside `&amp;`. */
export function escaped(text: string, max: number): string {
  const cleaned = clean(text)
  const whole = escapeAll(cleaned)
  if (whole.length <= max) return whole
  // Escaping makes it longer: find how much may stay, with room for the `…`.
  let kept = 0
  for (let size = 1; size <= max; kept++) size += ENTITIES[cleaned[kept] as string]?.length ?? 1
  return escapeAll(cutAfter(cleaned, Math.max(0, kept - 1)))
}

function escapeAll(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] as string)
}

/** Characters that look the same and mean nothing to Slack. */
const HARMLESS: Record<string, string> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' }

/**
 * `escaped`, for a place where Slack reads emphasis (`mrkdwn`): the marks at a word's edge, which would open or close it, are replaced.
 * Within a word they mean nothing and stay, so that `orders_api_errors` can be copied.
 */
export function inline(text: string, max: number): string {
  const plain = text
    .replace(/(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])|`/gu, (mark) => HARMLESS[mark] as string)
    // At the start of a line a `>` makes a quotation, escaped or not.
    .replace(/^\s*>/gm, '›')
  return escaped(plain, max)
}

/** As a person reads it, without Slack's escapes; its links as `label (url)`, its dates in UTC. */
export function asRead(text: string): string {
  return unescaped(text.replace(/<![^|>]+\|([^>]+)>/g, '$1').replace(/<([^|>]+)\|([^>]+)>/g, '$2 ($1)'))
}

/** Without Slack's escapes. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
