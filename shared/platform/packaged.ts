import { readFileSync } from 'node:fs'
import type { Platform } from '../../schemas/platform.ts'

/**
 * What a function's package has of config/platform.yml, checked, as JSON: PLATFORM_FILE, relative to its folder. Nothing of
 * it is there in a stage that the file does not name.
 */
export function packagedPlatform(): Partial<Platform> {
  return JSON.parse(readFileSync(process.env.PLATFORM_FILE ?? 'config/platform.json', 'utf8')) as Partial<Platform>
}
