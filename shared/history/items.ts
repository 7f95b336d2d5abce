import type { AttributeValue } from '@aws-sdk/client-dynamodb'

export type Item = Record<string, AttributeValue>

/** An item's text attribute; empty if there is none. */
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

/** The part of a key between the first `#` and the suffix that separates items of the same time. */
export function timeIn(sk: string): string {
  return sk.split('#', 2)[1] ?? ''
}
