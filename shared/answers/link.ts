import { timingSafeEqual } from 'node:crypto'
import type { Notification } from '../../schemas/notification.ts'
import { hmac } from './signature.ts'

/*
 * A link by which one person may do one thing about one firing of one alert, for some days: for channels that have no
 * buttons. Whoever has it can use it, so it says for whom it was made, and what was done by it is recorded under that name.
 * All of it is signed. Pure.
 */

/** What a link can do, and what its button says. */
export const LINK_ACTIONS = { acknowledge: 'Acknowledge' } as const
export type LinkAction = keyof typeof LINK_ACTIONS

export interface Link {
  action: LinkAction
  /** The alert's key in the table. */
  alert: string
  /** When the firing that it is about began, or was last known (ISO 8601): a later one is not its business. */
  episode: string
  /** For whom it was made: an address, or a channel's name. */
  recipient: string
  /** ISO 8601. */
  expires: string
}

/** The first part of what is signed: a secret signs nothing else in this form. */
const PURPOSE = 'alert-router link 1 '
const FORM = 1

/** How long one is valid. */
const DAYS = 7
const DAY_MS = 86_400_000

/** What there is to acknowledge: as in a `Link`. */
export type Firing = Pick<Link, 'alert' | 'episode'>

/** That of a notification; `undefined` where there is none: it has ended, or is a one-time event. */
export function firingIn({ alert, alertKey, firingSince }: Notification): Firing | undefined {
  if (alert.once || alert.status === 'resolved') return undefined
  return { alert: alertKey ?? alert.fingerprint, episode: firingSince ?? alert.changedAt }
}

/**
 * The link for one of its recipients.
 *
 * @param base the function's URL; `secret`: the first of `inbox-links`.
 */
export function linkOf(
  { alert, episode }: Firing,
  { action, recipient, base, secret }: { action: LinkAction; recipient: string; base: string; secret: string },
  now = new Date(),
): string {
  const expires = new Date(now.getTime() + DAYS * DAY_MS).toISOString()
  const link = { action, alert, episode, recipient, expires }
  return `${base.replace(/\/+$/, '')}/link/${tokenOf(link, secret)}`
}

/** Its last part. */
export function tokenOf({ action, alert, episode, recipient, expires }: Link, secret: string): string {
  const signed = Buffer.from(JSON.stringify([FORM, action, alert, episode, recipient, expires])).toString('base64url')
  return `${signed}.${hmac(secret, [PURPOSE, signed]).toString('base64url')}`
}

/** What a token allows, and an id of it; why not, if it is not one of ours. It may have expired. */
export function linkIn(token: string, secrets: string[]): { link: Link; id: string } | 'forged' | 'unknown form' {
  const [, signed = '', signature = ''] = /^([\w-]+)\.([\w-]{43})$/.exec(token) ?? []
  const theirs = Buffer.from(signature, 'base64url')
  const ours = secrets.map((secret) => hmac(secret, [PURPOSE, signed]))
  let found: Buffer | undefined
  for (const our of ours) if (theirs.length === our.length && timingSafeEqual(theirs, our)) found ??= our
  if (!found) return 'forged'
  const link = read(signed)
  return link ? { link, id: found.toString('hex') } : 'unknown form'
}

/** Signed by us: by this version, or by a later one. */
function read(signed: string): Link | undefined {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(signed, 'base64url').toString())
  } catch {
    return undefined
  }
  if (!Array.isArray(parts) || parts.length !== 6 || parts[0] !== FORM) return undefined
  if (!parts.slice(1).every((one) => typeof one === 'string')) return undefined
  const [, action, alert, episode, recipient, expires] = parts as [number, LinkAction, string, string, string, string]
  if (!Object.hasOwn(LINK_ACTIONS, action) || Number.isNaN(Date.parse(expires))) return undefined
  return { action, alert, episode, recipient, expires }
}
