import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** Below this a text is no smaller for being packed. */
const WORTH_PACKING = 300
/** Room for most of them: zlib's own 16 KB for each is what reading thousands would spend its time on. */
const CHUNK_BYTES = 2_048

/**
 * A long text as an attribute, deflated (RFC 1951): what is written and read is paid by its size, and JSON shrinks to a third.
 */
export function packed(text: string): AttributeValue {
  return text.length < WORTH_PACKING ? { S: text } : { B: deflateRawSync(text) }
}

/** The text of such an attribute, or of one that is not packed; `undefined` where there is none. */
export function unpacked(attribute: AttributeValue | undefined): string | undefined {
  return attribute?.B ? inflateRawSync(attribute.B, { chunkSize: CHUNK_BYTES }).toString() : attribute?.S
}
