import { UsageError } from '../command.ts'

/** The one alert that stands on a command line. @throws {UsageError} for none, or several. */
export function oneAlert(words: string[]): string {
  const [alert = '', ...others] = words
  if (!alert.trim()) throw new UsageError('Which alert? Give an alarm’s name, its ARN, or a part of a name.')
  if (others.length === 0) return alert
  throw new UsageError(`One alert at a time: put a name with blanks in quotes, as in "${words.join(' ')}".`)
}
