import { createHmac, timingSafeEqual } from 'node:crypto'

/** SHA-256 over the parts, one after the other. */
export function hmac(secret: string, parts: (string | Uint8Array)[]): Buffer {
  const all = createHmac('sha256', secret)
  for (const part of parts) all.update(part)
  return all.digest()
}

/** Senders that rotate their secret give one for each, and never more than a few. */
const MOST = 10
const HEX = /^[0-9a-f]{64}$/i

/**
 * Whether one of the given signatures (hex) is that of the parts, by one of the secrets. How long it takes says nothing of how
 * much of one is right. Pure.
 */
export function isSigned(given: string[], secrets: string[], parts: (string | Uint8Array)[]): boolean {
  const theirs = given
    .slice(0, MOST)
    .filter((one) => HEX.test(one))
    .map((one) => Buffer.from(one, 'hex'))
  const ours = secrets.map((secret) => hmac(secret, parts))
  let found = false
  for (const one of theirs) for (const our of ours) found = timingSafeEqual(one, our) || found
  return found
}
