import type { Reader } from '../channel.ts'

export const reader: Reader = {
  read: () => ({ headline: '', body: [] }),
  texts: () => [],
  pagesWith: () => false,
}
