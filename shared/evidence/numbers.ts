/** Of each scheme, how its numbers begin, and how long they are (ISO/IEC 7812). */
const CARDS: [beginning: RegExp, lengths: number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^3(?:0[0-5]|[68])/, [14]],
  [/^62/, [16, 17, 18, 19]],
]
const MOST_DIGITS = 19

/** With its check digit. */
function isCardNumber(digits: string): boolean {
  return CARDS.some(([beginning, lengths]) => beginning.test(digits) && lengths.includes(digits.length)) && luhn(digits)
}

/** Every second digit from the right is doubled; the sum of all digits ends in 0. */
function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((all, character, at) => {
    const doubled = Number(character) * (at % 2 === 0 ? 1 : 2)
    return all + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** Digits in groups, whatever is between them; U+FDD2 is a tab that JSON has escaped (shared/parse/escapes.ts). */
const DIGITS = /(?<![\p{L}\d])\d+(?:[ \t\u00a0\ufdd2._-]{1,2}\d+)*(?![\p{L}\d])/gu
/** A number is one group, or groups as cards have them: a list of ids is none. */
const GROUP = { least: 3, most: 7 }

/** A text without card numbers: each is looked for from each group on, so that other digits beside it hide none. */
export function withoutCardNumbers(text: string, shown: string): string {
  return text.replace(DIGITS, (run, at: number) => {
    // After a decimal point, and with one: `0.4111111111111111`.
    const groups = [...run.matchAll(/\d+/g)].map((found) => ({ digits: found[0], at: found.index }))
    const ranges: [from: number, to: number][] = []
    for (let first = 0; first < groups.length; first++) {
      const last = isFraction(text, at + (groups[first]?.at ?? 0)) ? undefined : endOfCard(groups, first)
      if (last === undefined) continue
      ranges.push([groups[first]?.at ?? 0, (groups[last]?.at ?? 0) + (groups[last]?.digits.length ?? 0)])
      first = last
    }
    return replaceRanges(run, ranges, shown)
  })
}

/** Of `0.4111…`, the digits after the point. */
function isFraction(text: string, at: number): boolean {
  return /(?:^|[^\d.])\d{1,2}\.$/.test(text.slice(Math.max(0, at - 4), at))
}

/** The last of the groups that are a card number together, beginning with one. */
function endOfCard(groups: { digits: string }[], first: number): number | undefined {
  let digits = ''
  for (let last = first; last < groups.length; last++) {
    const group = groups[last]?.digits ?? ''
    digits += group
    if (digits.length > MOST_DIGITS) return undefined
    if (isCardNumber(digits)) return last
    if (group.length < GROUP.least || group.length > GROUP.most)
      return isWhole(groups, first) ? wholeCard(groups) : undefined
  }
  return undefined
}

/** All groups are one number, however they are grouped. */
const isWhole = (groups: { digits: string }[], first: number) =>
  first === 0 && groups.reduce((all, { digits }) => all + digits.length, 0) <= MOST_DIGITS
const wholeCard = (groups: { digits: string }[]) =>
  isCardNumber(groups.map(({ digits }) => digits).join('')) ? groups.length - 1 : undefined

/** How long each country's is (SWIFT's IBAN Registry). */
const IBAN_LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
    'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
    'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 ' +
    'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))]),
)
/** From where one may begin, up to as much as the longest has. */
const IBAN = /(?<![A-Za-z0-9])(?=([A-Z]{2}\d\d(?:[ \t\u00a0\ufdd2._-]{0,2}[A-Z0-9]){11,29}))/gi

/** A text without IBANs: by its country's length, so that a word behind it hides none. */
export function withoutIbans(text: string, shown: string): string {
  const ranges: [from: number, to: number][] = []
  for (const { index, 1: found = '' } of text.matchAll(IBAN)) {
    const length = endOfIban(found)
    const isApart = length !== undefined && !/[A-Za-z0-9]/.test(text.charAt(index + length))
    if (isApart && index >= (ranges.at(-1)?.[1] ?? 0)) ranges.push([index, index + length])
  }
  return replaceRanges(text, ranges, shown)
}

/** How many characters of a text are one. */
function endOfIban(text: string): number | undefined {
  const length = IBAN_LENGTHS.get(text.slice(0, 2).toUpperCase())
  if (length === undefined) return undefined
  let seen = 0
  const end = [...text].findIndex((character) => /[A-Za-z0-9]/.test(character) && ++seen === length) + 1
  return end > 0 &&
    hasCheckDigits(
      text
        .slice(0, end)
        .replace(/[^A-Za-z0-9]/g, '')
        .toUpperCase(),
    )
    ? end
    : undefined
}

/** ISO 13616: its first four characters at the end, letters as 10 to 35, it leaves 1 of 97. */
function hasCheckDigits(iban: string): boolean {
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1
}

function replaceRanges(text: string, ranges: [from: number, to: number][], shown: string): string {
  const kept = ranges.map(([from], at) => text.slice(ranges[at - 1]?.[1] ?? 0, from) + shown)
  return kept.join('') + text.slice(ranges.at(-1)?.[1] ?? 0)
}
