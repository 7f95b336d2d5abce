import { HIDDEN, SECRET_KEY, saysNothing } from '../parse/secret-value.ts'

/*
 * Values that do not stand right after their key: in the brackets that follow it, as DynamoDB, XML and a program's dump of
 * its objects write them. Linear time.
 */

/** What a key says of a person: `"firstName":"Ada"`, `phone=…`; in capitals, snake or camel case. */
export const PERSONAL_KEY =
  '(?:first|last|full|middle|maiden|customer|patient|recipient|card_?holder)[ _-]?name|surname|ssn|social_?security(?:_?number)?|date[ _-]?of[ _-]?birth|birth[ _-]?date|dob|(?:tele|mobile_?)?phone(?:_?(?:number|no))?|(?:street|home|billing|shipping)(?:_?address)?|postal_?code|zip_?code|passport(?:_?(?:number|no))?|tax_?id|iban|card_?(?:number|no)|pan|cvv2?|cvc2?'

const KEY = `(?:${SECRET_KEY}|(?<![A-Za-z])(?:${PERSONAL_KEY}))s?`
/** `"password":{"S":"x"}`, `apiKey: [ 'x' ]`, one bracket deep: what is deeper has keys of its own. */
const IN_BRACKETS = new RegExp(`(${KEY}\\\\*["']?[ \\t]{0,3}[:=][ \\t]{0,3})([{[][^{}[\\]\\n]{0,500})`, 'gi')
/** `<Password type="x">x</Password>` */
const IN_ELEMENT = new RegExp(
  `(<(?:[\\w.-]{1,40}:)?[\\w.-]{0,40}?${KEY}(?:\\s[^<>\\n]{0,200})?>)([^<\\n]{1,500})`,
  'gi',
)
/** A quoted text, and the colon that makes it a key. */
const QUOTED = /(\\*)(["'])((?:(?!\1\2)[^\\\n]|\\.){0,500}?)\1\2(\s{0,3}:)?/g
/** A bare one, after its key or in a list: `{ value: x }`, `[x, y]`. */
const BARE = /([:[,]\s{0,3})([^\s"'\\,:;{}[\]]{4,200})(?=\s{0,3}(?:[,}\]]|$))/g

/** Hides what is in the brackets, or the element, of such a key. Keys and numbers stay. */
export function withoutWrapped(text: string): string {
  return text
    .replace(IN_BRACKETS, (_, key: string, inside: string) => {
      const quoted = inside.replace(QUOTED, (whole, slashes: string, quote: string, value: string, colon = '') =>
        colon !== '' || isShown(value) ? whole : `${slashes}${quote}${HIDDEN}${slashes}${quote}`,
      )
      return (
        key + quoted.replace(BARE, (whole, before: string, value: string) => (isShown(value) ? whole : before + HIDDEN))
      )
    })
    .replace(IN_ELEMENT, (whole, tag: string, value: string) => (isShown(value.trim()) ? whole : tag + HIDDEN))
}

/** A small number, or a word that says that there is none. */
const isShown = (value: string) => value === HIDDEN || /^-?[\d.]{0,3}$/.test(value) || saysNothing(value)
