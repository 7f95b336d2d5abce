import { NormalizedSchema } from '@smithy/core/schema'
import type { SchemaRef } from './shapes.ts'

/**
 * A value in the XML of the Query protocol: the items of a list are `member`, those of a map `entry`, times ISO 8601 (Smithy,
 * AWS Query protocol).
 */
export function writeXml(schema: SchemaRef, value: unknown, name: string): string {
  if (value === undefined || value === null) return ''
  const shape = NormalizedSchema.of(schema)
  if (shape.isListSchema()) {
    const items = (value as unknown[]).map((item) => writeXml(shape.getValueSchema(), item, 'member'))
    return element(name, items.join(''))
  }
  if (shape.isMapSchema()) {
    const entries = Object.entries(value).map(([key, item]) =>
      element('entry', element('key', escaped(key)) + writeXml(shape.getValueSchema(), item, 'value')),
    )
    return element(name, entries.join(''))
  }
  if (shape.isStructSchema()) {
    const fields = value as Record<string, unknown>
    const members = [...shape.structIterator()].map(([key, member]) => writeXml(member, fields[key], key))
    return element(name, members.join(''))
  }
  return element(name, escaped(value instanceof Date ? value.toISOString() : String(value)))
}

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
}
