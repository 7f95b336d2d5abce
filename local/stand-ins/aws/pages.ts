import { createHash } from 'node:crypto'
import type { Asked } from './operation.ts'
import { Refusal } from './refusal.ts'
import { SERVICES } from './services.ts'

interface Wanted {
  /** From the request. */
  token: string | undefined
  /** How many the request asks for, or else the service's default. */
  size: number
  /** What else the request says: a token is valid only with the same. */
  of: object
}

/** One page of a list, and the token of the next. */
export function page<T>(
  items: T[],
  { token, size, of }: Wanted,
  asked: Asked,
): { items: T[]; next: string | undefined } {
  const mark = markOf(of, asked)
  const from = token === undefined ? 0 : placeIn(token, mark, asked)
  const to = from + Math.min(size, asked.pageSize ?? size)
  return { items: items.slice(from, to), next: to < items.length ? `${mark}.${to}` : undefined }
}

function placeIn(token: string, mark: string, { service }: Asked): number {
  const [of, place] = token.split('.')
  if (of === mark && /^\d+$/.test(place ?? '')) return Number(place)
  throw new Refusal(SERVICES[service].invalidToken, 'The specified pagination token is invalid')
}

function markOf(request: object, { operation }: Asked): string {
  const fields = Object.entries(request).filter(([name]) => !/^(next(Page)?Token|marker|max\w+)$/i.test(name))
  return createHash('sha256').update(operation).update(JSON.stringify(fields)).digest('base64url').slice(0, 22)
}
