import type { Line } from '../questions/answer.ts'

const BLOCKS = '▁▂▃▄▅▆▇█'

/** A line in so many characters at most; a blank where there is no data. From 0, so that a small change looks small. */
export function sparkline({ points, periodS }: Line, width: number): string {
  const [first] = points
  const last = points.at(-1)
  if (!first || !last) return ''
  const periods = Math.round((last[0] - first[0]) / periodS) + 1
  const each = Math.ceil(periods / width)
  const most = Math.max(...points.map(([, value]) => value))
  const columns = Map.groupBy(points, ([time]) => Math.floor(Math.round((time - first[0]) / periodS) / each))
  return Array.from({ length: Math.ceil(periods / each) }, (_, at) => {
    const values = columns.get(at)?.map(([, value]) => value)
    if (!values) return ' '
    // The worst of what it stands for: an average would hide it.
    const level = most <= 0 ? 0 : Math.round((Math.max(0, ...values) / most) * (BLOCKS.length - 1))
    return BLOCKS[level]
  }).join('')
}
