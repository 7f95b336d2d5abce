import { type Link, linkIn } from '../answers/link.ts'
import type { Decision, Sender } from './decision.ts'
import { type Refusal, type Request, refuse } from './request.ts'
import { nameIn, type Wish } from './wish.ts'

/*
 * Links in emails. Mail scanners open every link, and run scripts: to open one only shows what it would do. Its button, a form,
 * does it. Pure.
 */

const PATH = /^\/link\/(.+)$/

export const LINKS: Sender = { secret: 'inbox-links', before, decide }

function before({ method, path }: Request): Refusal | undefined {
  if (!['GET', 'HEAD', 'POST'].includes(method)) {
    return refuse('method', 405, 'GET or POST only.', { allow: 'GET, HEAD, POST' })
  }
  return FORM.test(tokenIn(path)) ? undefined : refuse('link', 400, 'This is not a whole link.')
}

/** What is not even of its form needs no secret. */
const FORM = /^[\w-]+\.[\w-]{43}$/

function tokenIn(path: string): string {
  return PATH.exec(path)?.[1] ?? ''
}

function decide({ method, path }: Request, secrets: string[], now: Date): Decision {
  const found = linkIn(tokenIn(path), secrets)
  if (found === 'forged') return refuse('link', 403, 'This link is not one of ours, or its key was replaced.')
  if (found === 'unknown form') return refuse('link', 400, 'This link is of another version.')
  const { link, id } = found
  if (Date.parse(link.expires) <= now.getTime()) return refuse('expired', 410, 'This link has expired.')
  return { do: method === 'POST' ? 'press' : 'show', link, id }
}

/** What its button does. */
export function wishOf({ alert, episode, recipient }: Link, id: string, now: Date): Wish {
  return {
    id: `link ${id}`,
    about: { alert, since: episode },
    does: { acknowledge: true },
    by: nameIn([recipient], 'somebody'),
    via: 'email',
    at: now.toISOString(),
  }
}
