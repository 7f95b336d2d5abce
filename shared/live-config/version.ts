import { createHash } from 'node:crypto'
import type { Config } from '../../schemas/config.ts'

/** A checked config as the functions read it: what is packaged and what is pushed are the same bytes. */
export function documentOf(config: Config): string {
  return JSON.stringify(config)
}

/** Which config a document is: the same content always has the same version, wherever it comes from. */
export function versionOf(document: string): string {
  return createHash('sha256').update(document).digest('hex').slice(0, 12)
}
