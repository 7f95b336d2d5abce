import { clean, cutAfter } from '../outside-text.ts'

/**
 * Escapes text from outside for Slack. Slack interprets `&`, `<` and `>` everywhere: unescaped, `<!channel>` in an alarm's
 * description notifies everyone (https://docs.slack.dev/messaging/formatting-message-text/#escaping).
 */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Escaped, at most `max` long after escaping: cut between characters, never inside `&amp;`. */
export function escaped(text: string, max: number): string {
  const cleaned = clean(text)
  const whole = escapeAll(cleaned)
  if (whole.length <= max) return whole
  // Escaping makes it longer: find how much fits, with room for the `…`.
  let kept = 0
  for (let size = 1; size <= max; kept++) size += ENTITIES[cleaned[kept] as string]?.length ?? 1
  return escapeAll(cutAfter(cleaned, Math.max(0, kept - 1)))
}

function escapeAll(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] as string)
}

/** Characters that look alike but have no meaning to Slack. */
const HARMLESS: Record<string, string> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' }

/**
 * `escaped`, for text in which Slack reads emphasis (`mrkdwn`): replaces marks at a word's edge, which would start or end it.
 * Inside a word they have no effect and stay, so that `orders_api_errors` can be copied.
 */
export function inline(text: string, max: number): string {
  const plain = text
    .replace(/(?<![\p{L}\p{N}])[*_~]|[*_~](?![\p{L}\p{N}])|`/gu, (mark) => HARMLESS[mark] as string)
    // At the start of a line, `>` starts a quotation, escaped or not.
    .replace(/^\s*>/gm, '›')
  return escaped(plain, max)
}

/** As a person reads it, without Slack's escapes: links as `label (url)`, dates in UTC. */
export function asRead(text: string): string {
  return unescaped(text.replace(/<![^|>]+\|([^>]+)>/g, '$1').replace(/<([^|>]+)\|([^>]+)>/g, '$2 ($1)'))
}

/** Without Slack's escapes. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
