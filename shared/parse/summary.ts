import { asText, type Json } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import type { Draft } from './draft.ts'
import { cut, firstLine } from './text.ts'

/** An AWS event's content, as returned by its reader (known-events.ts). */
export interface Summary {
  /** Who and what happened, in ten words. */
  title: string
  /** What it is about, for a person: a name, not an ARN. */
  resource?: string | undefined
  /** The cause. */
  reason?: string | undefined
  /** The sender's severity. */
  severity?: string | undefined
  /** Distinguishes it from others with the same source and account. */
  identity: (string | undefined)[]
  /** If set, it is not a one-time event: it fires until an event says `resolved`. */
  status?: Draft['status']
  kind?: Draft['kind']
  changedAt?: string | undefined
  details?: Draft['details']
  links?: Draft['links']
}

/** The name in an ARN: `nightly-settlement`. */
export function nameIn(arn: string): string {
  return resourceName(arn).replace(/ \([^)]*\)$/, '')
}

/** `SERVICE_DEPLOYMENT_FAILED` → `service deployment failed`. */
export function wordOf(status: string): string {
  return status.toLowerCase().replaceAll('_', ' ')
}

/** `createVolume` → `create volume`; `ClusterScalingFailed` → `cluster scaling failed`. */
export function wordsOf(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase()
}

/** A text with the name in each ARN in place of the ARN: `in (target-group shop/1)`. */
export function withoutArns(text: string): string {
  return text.replace(/\barn:[\w-]+:[\w-]*:[^\s,;"'()[\]{}<>]+[^\s,;"'()[\]{}<>.:]/g, nameIn)
}

/** The text of the first of these keys that has one. */
export function firstText(detail: Json, keys: readonly string[]): string | undefined {
  return keys.map((key) => asText(detail[key])).find((text) => text !== undefined)
}

/** The most characters of a cause's first line in a headline. */
const MAX_OF_CAUSE = 160

/** `Job etl failed: exit code 1`, with names in place of ARNs. */
export function withCause(title: string, cause: string | undefined): string {
  const first = cause && firstLine(cause)
  return first ? `${title}: ${cut(withoutArns(first), MAX_OF_CAUSE)}` : title
}
