import { secret } from '../aws/secrets.ts'
import type { SecretName } from './decision.ts'

/*
 * A secret may hold several, in lines of their own: each is valid. So one is replaced without a gap: the new one is added, the
 * sender gets it, the old one is taken out. The first signs links.
 */

/** Fewer characters could be guessed. PagerDuty and Slack make longer ones. */
const MIN_LENGTH = 16
const MOST = 10

/** A secret that could not be read is not asked for again before. Each request without one would else cost a call. */
const PAUSE_MS = 10_000

const failed = new Map<SecretName, { at: number; error: unknown }>()

/**
 * Those that are valid now, from memory or from Secrets Manager (shared/aws/secrets.ts).
 * @throws {Error} naming the secret, when it can't be read, or holds none that is long enough.
 */
export async function secretsOf(name: SecretName, now = Date.now()): Promise<string[]> {
  const last = failed.get(name)
  if (last && now - last.at < PAUSE_MS) throw last.error
  try {
    const all = validIn(await secret(name, { now }))
    if (all.length > 0) return all
    throw new Error(`the secret ${name} has no line of at least ${MIN_LENGTH} characters`)
  } catch (error) {
    failed.set(name, { at: now, error })
    throw error
  }
}

/** Pure. */
export function validIn(text: string): string[] {
  const lines = text.split(/\s+/).filter((line) => line.length >= MIN_LENGTH)
  return lines.slice(0, MOST)
}
