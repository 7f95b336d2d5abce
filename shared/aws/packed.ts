import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** A shorter text does not get smaller by compression. */
const WORTH_PACKING = 300
/** Enough for most: zlib's own 16 KB for each would dominate the time of reading thousands. */
const CHUNK_BYTES = 2_048

/**
 * A long text as an attribute, deflated (RFC 1951): reads and writes are billed by size, and JSON shrinks to a third.
 */
export function packed(text: string): AttributeValue {
  return text.length < WORTH_PACKING ? { S: text } : { B: deflateRawSync(text) }
}

/** The text of such an attribute, or of an uncompressed one; `undefined` where there is none. */
export function unpacked(attribute: AttributeValue | undefined): string | undefined {
  return attribute?.B ? inflateRawSync(attribute.B, { chunkSize: CHUNK_BYTES }).toString() : attribute?.S
}
