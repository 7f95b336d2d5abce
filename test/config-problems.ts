import { ConfigError } from '../shared/config/check.ts'
import { readConfigText } from '../shared/config/read.ts'

/** What is wrong with a rules file, in the words that its author reads. */
export function problemsOf(text: string): string {
  try {
    readConfigText(text, 'alerts.yml')
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no problem'
}
