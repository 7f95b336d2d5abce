import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { DICTIONARY } from './dictionary.ts'

/** A shorter text does not get smaller by compression. */
const WORTH_PACKING = 200
/** Enough for most: zlib's own 16 KB for each would dominate the time of reading thousands. */
const CHUNK_BYTES = 2_048

/** Before what was packed with the dictionary. No deflated text begins so: its two bits are of a block that there is not. */
const WITH_DICTIONARY = 0b110

/**
 * A long text as an attribute, deflated (RFC 1951): reads and writes are billed by size, and JSON shrinks to a fifth
 * beside what most of it is made of.
 */
export function packed(text: string): AttributeValue {
  if (text.length < WORTH_PACKING) return { S: text }
  const bytes = deflateRawSync(text, { dictionary: DICTIONARY, level: 9 })
  return { B: Buffer.concat([Buffer.of(WITH_DICTIONARY), bytes]) }
}

/** The text of such an attribute, or of one without the dictionary, or uncompressed; `undefined` where there is none. */
export function unpacked(attribute: AttributeValue | undefined): string | undefined {
  const bytes = attribute?.B
  if (!bytes) return attribute?.S
  const options = { chunkSize: CHUNK_BYTES }
  return bytes[0] === WITH_DICTIONARY
    ? inflateRawSync(bytes.subarray(1), { ...options, dictionary: DICTIONARY }).toString()
    : inflateRawSync(bytes, options).toString()
}
