import type { LogGroup } from './data.ts'
import { Refusal } from './refusal.ts'

/** By its name, or by the last part of its ARN. @throws {Refusal} that names the group. */
export function groupOf(groups: LogGroup[], identifier: string): LogGroup {
  const name = identifier.replace(/^arn:[^:]*:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '')
  const group = groups.find((one) => one.name === name)
  if (group) return group
  throw new Refusal(
    'ResourceNotFoundException',
    `Log group '${name}' does not exist for account ID (Service: AWSLogs; Status Code: 400)`,
  )
}

/** The group has nothing older, in ms since 1970. */
export function oldestOf({ createdAt, retentionDays }: LogGroup, nowMs: number): number {
  return retentionDays === undefined ? createdAt : Math.max(createdAt, nowMs - retentionDays * 86_400_000)
}
