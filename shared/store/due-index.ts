import { createHash } from 'node:crypto'

export const DUE_INDEX = 'due'
export const DUE_SHARDS = ['0', '1', '2', '3', '4', '5', '6', '7'] as const

export function shardOf(fingerprint: string): string {
  return DUE_SHARDS[(createHash('sha256').update(fingerprint).digest()[0] ?? 0) % DUE_SHARDS.length] ?? '0'
}
