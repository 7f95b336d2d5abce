import { createHash } from 'node:crypto'
import type { Config } from '../../schemas/config.ts'

/** A checked config in the form that functions read: packaged and pushed configs are the same bytes. */
export function documentOf(config: Config): string {
  return JSON.stringify(config)
}

/** A document's version: the same content always has the same version, wherever it comes from. */
export function versionOf(document: string): string {
  return createHash('sha256').update(document).digest('hex').slice(0, 12)
}
