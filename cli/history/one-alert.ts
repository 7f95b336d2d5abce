import { UsageError } from '../command.ts'

/** The one alert of a command line. @throws {UsageError} for none, or several. */
export function oneAlert(words: string[]): string {
  const [alert = '', ...others] = words
  if (!alert.trim()) throw new UsageError('Which alert? Give an alarm’s name, its ARN, or part of a name.')
  if (others.length === 0) return alert
  throw new UsageError(`Give one alert. Quote a name that contains blanks, as in "${words.join(' ')}".`)
}
