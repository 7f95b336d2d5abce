import type { Bars } from '../../../schemas/evidence.ts'
import type { Document } from './document.ts'
import { png } from './png.ts'

/*
 * A metric as a picture: a bar for each part of the time, the worst value of it; those beyond the threshold in red. Its text
 * says what the values are. Pure.
 */

const SIZE = { width: 1_120, height: 224 }
/** Of a bar and the space after it. */
const BAR = 0.75
/** Transparent behind, so that it suits a dark page too. */
const COLOURS = {
  behind: [0, 0, 0, 0],
  bar: [66, 133, 214, 255],
  beyond: [208, 52, 44, 255],
  limit: [128, 134, 141, 255],
}
const PALETTE = Object.values(COLOURS)
const [BEHIND, BAR_INK, BEYOND, LIMIT] = [0, 1, 2, 3] as const
const LIMIT_HEIGHT = 3
const DASH = 16

/** Of each chart of a document, in its order. */
export function chartsOf({ blocks }: Pick<Document, 'blocks'>): Uint8Array[] {
  return blocks.flatMap((block) => (block.is === 'answer' && block.chart?.bars ? [picture(block.chart.bars)] : []))
}

function picture({ values, threshold, isLow }: Bars): Uint8Array {
  const { width, height } = SIZE
  const pixels = new Uint8Array(width * height).fill(BEHIND)
  const all = [...values, threshold].filter((value) => value !== null && value !== undefined)
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)]
  const yOf = (value: number) => Math.round(((high - value) / (high - low || 1)) * (height - 1))
  const fill = (left: number, right: number, top: number, bottom: number, ink: number) => {
    for (let y = Math.max(0, top); y <= Math.min(height - 1, bottom); y++)
      pixels.fill(ink, y * width + left, y * width + Math.min(width, right))
  }
  const step = width / Math.max(1, values.length)
  for (const [at, value] of values.entries()) {
    if (value === null) continue
    const isBeyond = threshold !== undefined && (isLow ? value < threshold : value > threshold)
    const [a, b] = [yOf(value), yOf(0)]
    const left = Math.round(at * step)
    // A value of zero is not the same as none.
    const right = left + Math.max(1, Math.round(step * BAR))
    fill(left, right, Math.min(a, b - 2), Math.max(a, b), isBeyond ? BEYOND : BAR_INK)
  }
  if (threshold !== undefined) {
    const y = yOf(threshold)
    for (let left = 0; left < width; left += 2 * DASH) fill(left, left + DASH, y - 1, y - 2 + LIMIT_HEIGHT, LIMIT)
  }
  return png(pixels, SIZE, PALETTE)
}
