import type { AttributeValue } from '@aws-sdk/client-dynamodb'

export type Item = Record<string, AttributeValue>

/** An item's text under its own name; nothing where there is none. */
export function text<Name extends string>(name: Name, item: Item): { [name in Name]?: string } {
  const value = item[name]?.S
  return (value === undefined ? {} : { [name]: value }) as { [name in Name]?: string }
}

export function texts(list: AttributeValue | undefined): string[] {
  return list?.L?.flatMap((item) => item.S ?? []) ?? []
}

export function skOf(item: Item): string {
  return item.sk?.S ?? ''
}

/** Between the first `#` of a key and what tells it from others of that time. */
export function timeIn(sk: string): string {
  return sk.split('#', 2)[1] ?? ''
}
