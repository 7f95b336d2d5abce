import { asText, type Json } from '../../schemas/loose.ts'
import { resourceName } from './arn.ts'
import type { Draft } from './draft.ts'
import { cut, firstLine } from './text.ts'

/** What one of AWS's events says, as the reader of its kind takes it (known-events.ts). */
export interface Summary {
  /** Who and what happened, in ten words. */
  title: string
  /** What it is about, for a person: a name and no ARN. */
  resource?: string | undefined
  /** The cause. */
  reason?: string | undefined
  /** As the sender claims it. */
  severity?: string | undefined
  /** Distinguishes it from others of its source and account. */
  identity: (string | undefined)[]
  /** Has it a life? It fires until something says `resolved`. */
  status?: Draft['status']
  kind?: Draft['kind']
  changedAt?: string | undefined
  details?: Draft['details']
  links?: Draft['links']
}

/** `nightly-settlement`, of an ARN that names it. */
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

/** The first of these keys that has a text. */
export function firstText(detail: Json, keys: readonly string[]): string | undefined {
  return keys.map((key) => asText(detail[key])).find((text) => text !== undefined)
}

/** Of a cause a headline has the first line, or so much of it. */
const MAX_OF_CAUSE = 160

/** `Job etl failed: exit code 1`, and names in place of ARNs. */
export function withCause(title: string, cause: string | undefined): string {
  const first = cause && firstLine(cause)
  return first ? `${title}: ${cut(withoutArns(first), MAX_OF_CAUSE)}` : title
}
