import { expect } from 'vitest'
import type { Block, Text } from '../shared/channels/slack/message.ts'

export function textsOf(block: Block): Text[] {
  if (block.type === 'actions' || block.type === 'context')
    return block.elements.flatMap((element) => (element.type === 'button' ? [element.text] : [element]))
  return 'fields' in block ? block.fields : [block.text]
}

/** https://docs.slack.dev/reference/block-kit/blocks, and about 10 KB for the whole. */
export function expectWithinLimits(blocks: Block[]): void {
  expect(blocks.length).toBeLessThanOrEqual(50)
  expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThan(9_600)
  for (const block of blocks) {
    if ('fields' in block) expect(block.fields.length).toBeLessThanOrEqual(10)
    const most = 'fields' in block ? 2000 : 3000
    for (const { text } of textsOf(block)) {
      expect(text.length).toBeGreaterThan(0)
      expect(text.length).toBeLessThanOrEqual(most)
      expect(text.isWellFormed()).toBe(true)
    }
  }
}

/** The only things in angle brackets are our own links and dates, and every `&` is an escape. */
export function expectDisarmed(texts: string[]): void {
  for (const text of texts) {
    if (/^https?:/.test(text)) continue
    const rest = text.replace(/<https?:[^<>|\s]+\|[^<>]*>|<!date\^\d+\^[^<>|]+\|[^<>|]+>/g, '')
    expect(rest).not.toMatch(/[<>]/)
    expect(rest.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
  }
}
