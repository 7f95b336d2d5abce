import { UsageError } from '../command.ts'

/** @throws {UsageError} if it is not a whole number. */
export function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} ${text}: "${text}" is not a whole number.`)
  return Number(text)
}

/** `4,32`; an empty list if nothing is given. @throws {UsageError} */
export function numbersIn(option: string, list: string | undefined): number[] {
  return list === undefined ? [] : list.split(',').map((text) => wholeNumber(option, text))
}
