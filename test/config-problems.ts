import { ConfigError } from '../shared/config/check.ts'
import { readConfigText } from '../shared/config/read.ts'

/** The problems of a rules file, as its author reads them. */
export function problemsOf(text: string): string {
  try {
    readConfigText(text, 'alerts.yml')
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no problem'
}
