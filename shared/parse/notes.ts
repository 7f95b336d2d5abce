import { distance } from 'fastest-levenshtein'
import { EVENT_FIELDS } from '../../schemas/event.ts'
import { asText, type Json } from '../../schemas/loose.ts'
import { SEVERITY_WORDS, severityOfWord } from '../alert/severity-word.ts'

/** Likely mistakes in our own event format, shown once to an alert's readers. */

const FIELDS = [...EVENT_FIELDS]

/** Keys that resemble those of our own event: `unknown key "titel": did you mean "title"?` */
export function misspelt(message: Json): string[] {
  return nearKeys(message).map(([key, field]) => `unknown key "${key}": did you mean "${field}"?`)
}

/** Each key with the field that it resembles. */
function nearKeys(message: Json): [key: string, field: string][] {
  return Object.keys(message).flatMap((key): [string, string][] => {
    if (EVENT_FIELDS.has(key) || key.length < 4) return []
    const nearest = FIELDS.find((field) => !Object.hasOwn(message, field) && isNear(key.toLowerCase(), field))
    return nearest === undefined ? [] : [[key, nearest]]
  })
}

/** They differ by one added, missing or other letter, or by two that are swapped. */
function isNear(key: string, field: string): boolean {
  if (key === field) return true
  const isSwapped = [...key].sort().join() === [...field].sort().join()
  return distance(key, field) === 1 || (isSwapped && distance(key, field) === 2)
}

/** An unknown severity: it is ignored. */
export function unknownSeverity(given: string | undefined): string[] {
  if (given === undefined || severityOfWord(given) !== undefined) return []
  return [`unknown severity "${given}" (use ${Object.keys(SEVERITY_WORDS).join(', ')})`]
}

/** A field of our own event that must be a word, but is a list or an object: it counts as absent. */
export function noWord(message: Json, field: 'severity' | 'status'): string[] {
  const given = message[field]
  if (given === null || typeof given !== 'object') return []
  return [`"${field}" is ${Array.isArray(given) ? 'a list' : 'an object'}, so it is ignored: write one word`]
}

/** An unknown status: the event fires. */
export function unknownStatus(given: string | undefined): string[] {
  return given === undefined ? [] : [`unknown status "${given}", treated as firing (use firing or resolved)`]
}

/** JSON that resembles our own event but was read as text, because its title or another required field is misspelt. */
export function nearlyEvent(message: Json): string[] {
  const needed = asText(message.title) === undefined ? ['title'] : ['severity', 'source']
  const isNearly = nearKeys(message).some(
    ([key, field]) => needed.includes(field) && asText(message[key]) !== undefined,
  )
  if (!isNearly) return []
  return [...misspelt(message), 'routed as plain text: an event has a "title", and a "severity" or a "source"']
}
