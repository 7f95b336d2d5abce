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

/** With its check digit; in groups or not. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '')
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

/** With its check digits (ISO 13616): its first four characters at the end, letters as 10 to 35, it leaves 1 of 97. */
export function isIban(text: string): boolean {
  const iban = text.replaceAll(' ', '')
  if (iban.length < 15 || iban.length > 34) return false
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1
}
