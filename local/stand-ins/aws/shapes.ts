import { NormalizedSchema } from '@smithy/core/schema'
import { Refusal } from './refusal.ts'

/*
 * Values of JSON, and what a client's own model makes of them (Smithy, AWS JSON protocols). A client exports its model as
 * schemas, so that what is required, and how a time is written, is known from there.
 */

/** A model's shape, as clients export it. */
export type SchemaRef = Parameters<typeof NormalizedSchema.of>[0]

/** Where the static schema of a structure says how many of its members, the first ones, are required. */
const REQUIRED = 6

/** What is absent though a model requires it; each as AWS names it in its message. */
export function missingIn(schema: SchemaRef, value: unknown, path = ''): string[] {
  const shape = NormalizedSchema.of(schema)
  if (value === undefined || value === null) return []
  if (shape.isListSchema()) {
    return (value as unknown[]).flatMap((item, at) =>
      missingIn(shape.getValueSchema(), item, `${path}.${at + 1}.member`),
    )
  }
  if (!shape.isStructSchema()) return []
  const fields = value as Record<string, unknown>
  const required = Number((shape.getSchema() as unknown as unknown[])[REQUIRED] ?? 0)
  return [...shape.structIterator()].flatMap(([name, member], index) => {
    const at = path === '' ? lowerFirst(name) : `${path}.${lowerFirst(name)}`
    return index < required && fields[name] === undefined ? [at] : missingIn(member, fields[name], at)
  })
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** From JSON, or from the text of a query or a path. */
export function readShape(schema: SchemaRef, value: unknown): unknown {
  const shape = NormalizedSchema.of(schema)
  if (value === undefined || value === null) return undefined
  if (shape.isStructSchema()) return readStructure(shape, value)
  if (shape.isListSchema()) {
    if (!Array.isArray(value)) throw notOf('list', value)
    return value.map((item) => readShape(shape.getValueSchema(), item))
  }
  if (shape.isMapSchema()) {
    const entries = Object.entries(value).map(([key, item]) => [key, readShape(shape.getValueSchema(), item)])
    return Object.fromEntries(entries)
  }
  if (shape.isTimestampSchema()) return readTime(value)
  if (shape.isNumericSchema()) return readPlain('number', value)
  if (shape.isBooleanSchema()) return readPlain('boolean', value)
  return shape.isStringSchema() ? readPlain('string', value) : value
}

function readStructure(shape: NormalizedSchema, value: unknown): object {
  if (typeof value !== 'object' || Array.isArray(value)) throw notOf('structure', value)
  const fields = value as Record<string, unknown>
  const read = [...shape.structIterator()].flatMap(([name, member]) => {
    const given = readShape(member, fields[member.getMergedTraits().jsonName ?? name])
    return given === undefined ? [] : [[name, given]]
  })
  return Object.fromEntries(read)
}

/** In JSON a time is a number of seconds since 1970, in a query a text. */
function readTime(value: unknown): Date {
  const time = typeof value === 'number' ? new Date(value * 1_000) : new Date(String(value))
  if (Number.isNaN(time.getTime())) throw notOf('timestamp', value)
  return time
}

function readPlain(type: 'number' | 'boolean' | 'string', value: unknown): unknown {
  if (typeof value !== type) throw notOf(type, value)
  return value
}

function notOf(type: string, value: unknown): Refusal {
  return new Refusal('SerializationException', `${JSON.stringify(value)} can not be converted to a ${type}`)
}

/** To JSON. */
export function writeShape(schema: SchemaRef, value: unknown): unknown {
  const shape = NormalizedSchema.of(schema)
  if (value === undefined || value === null) return undefined
  if (shape.isStructSchema()) {
    const fields = value as Record<string, unknown>
    const members = [...shape.structIterator()].map(([name, member]) => [
      member.getMergedTraits().jsonName ?? name,
      writeShape(member, fields[name]),
    ])
    return Object.fromEntries(members)
  }
  if (shape.isListSchema()) return (value as unknown[]).map((item) => writeShape(shape.getValueSchema(), item))
  if (shape.isMapSchema()) {
    const entries = Object.entries(value).map(([key, item]) => [key, writeShape(shape.getValueSchema(), item)])
    return Object.fromEntries(entries)
  }
  return value instanceof Date ? value.getTime() / 1_000 : value
}
