import { readFileSync } from 'node:fs'
import type { Platform } from '../schemas/platform.ts'
import { readConfig } from '../shared/config/read.ts'
import { readPlatformText } from '../shared/platform/read.ts'

export const SHIPPED_RULES = readConfig('config/alerts.yml')

export const SHIPPED_PLATFORM = readFileSync('config/platform.yml', 'utf8')

/** As it is shipped: the example of a data platform. */
export const shippedPlatform = (): Platform => readPlatformText(SHIPPED_PLATFORM, 'config/platform.yml')

/** The shipped file with some texts replaced. @throws {Error} for a text that is not there. */
export function platformText(...edits: [was: string, is: string][]): string {
  return edits.reduce((text, [was, is]) => {
    if (!text.includes(was)) throw new Error(`config/platform.yml has no "${was}"`)
    return text.replace(was, is)
  }, SHIPPED_PLATFORM)
}
