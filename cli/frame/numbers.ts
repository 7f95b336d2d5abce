import { UsageError } from '../command.ts'

/** @throws {UsageError} if it is not a whole number, or less than `least`. */
export function wholeNumber(option: string, text: string, least = 0): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} ${text}: "${text}" is not a whole number.`)
  if (Number(text) < least) throw new UsageError(`${option} ${text}: must be at least ${least}.`)
  return Number(text)
}

/** `4,32`; an empty list if nothing is given. @throws {UsageError} */
export function numbersIn(option: string, list: string | undefined): number[] {
  return list === undefined ? [] : list.split(',').map((text) => wholeNumber(option, text))
}
