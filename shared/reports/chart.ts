import { scaleLinear } from 'd3-scale'
import { line as path } from 'd3-shape'
import { escaped } from '../channels/escaped.ts'
import type { Line } from '../questions/answer.ts'
import { figure } from '../questions/figure.ts'
import { localTime } from '../questions/local-time.ts'

const WIDTH = 300
const HEIGHT = 90
const ROOM = { top: 12, bottom: 14 }

/** From here on, a value is that of a day: days are bars. */
const DAY_S = 86_400
const BAR = 0.7

/**
 * A line, or a bar for each day; with what is good beside it. From 0, so that a small change looks small; gaps where there
 * is no data.
 */
export function chart({ points, periodS, unit, bound, trend }: Line, timezone: string, says: string): string {
  const [first] = points
  const last = points.at(-1)
  if (!first || !last) return ''
  const most = Math.max(...points.map(([, value]) => value), bound?.value ?? 0)
  const isDaily = periodS >= DAY_S && !trend
  const x = scaleLinear([first[0], last[0] + (isDaily ? periodS : 0)], [0, WIDTH])
  const y = scaleLinear([0, most === 0 ? 1 : most], [HEIGHT - ROOM.bottom, ROOM.top])
  const draw = path<[number, number] | undefined>()
    .defined((point) => point !== undefined)
    .x((point) => x(point?.[0] ?? 0))
    .y((point) => y(point?.[1] ?? 0))
    .digits(1)
  const limit = bound && y(bound.value).toFixed(1)
  const dashed = trend && draw(trend)
  const bars = () =>
    points
      .map(([time, value]) => {
        const [top, width] = [y(value), (x(first[0] + periodS) - x(first[0])) * BAR]
        return `<rect class="bar" x="${x(time).toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${(HEIGHT - ROOM.bottom - top).toFixed(1)}"/>`
      })
      .join('')
  // Days and months are UTC's: west of Greenwich they begin on the day before.
  const zone = periodS >= DAY_S ? 'UTC' : timezone
  const day = (time: number) => localTime(new Date(time * 1_000).toISOString(), zone).slice(0, 14)
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(says)}">
<line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT - ROOM.bottom}" y2="${HEIGHT - ROOM.bottom}"/>
${limit === undefined ? '' : `<line class="limit" x1="0" x2="${WIDTH}" y1="${limit}" y2="${limit}"/>`}
${dashed ? `<path class="trend" d="${dashed}"/>` : ''}
${isDaily ? bars() : `<path class="draw" d="${draw(withGaps(points, periodS)) ?? ''}"/>`}
${bound === undefined ? '' : `<text class="of-limit" x="${WIDTH}" y="${labelAt(y(bound.value))}" text-anchor="end">${escaped(`${bound.is} ${figure(bound.value, unit)}`)}</text>`}
<text x="0" y="9">${escaped(figure(most, unit))}</text>
<text x="0" y="${HEIGHT - 3}">${day(first[0])}</text>
<text x="${WIDTH}" y="${HEIGHT - 3}" text-anchor="end">${day(last[0])}</text>
</svg>`
}

/** Above its line, and below where there is no room. */
const labelAt = (y: number) => (y - 3 < 9 ? y + 10 : y - 3).toFixed(1)

/** Nothing between two points that are more than a period apart. */
function withGaps(points: Line['points'], periodS: number): ([number, number] | undefined)[] {
  return points.flatMap((point, at) => {
    const before = points[at - 1]
    return before && point[0] - before[0] > 1.5 * periodS ? [undefined, point] : [point]
  })
}
