import { QUERIES } from '../platform/queries.ts'
import { logGroupOf } from '../platform/series.ts'
import { figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { type Span, shown } from './spans.ts'

/** What the lines of errors have in common. */
const PATTERNS = `filter @message like /ERROR/
| pattern @message
| limit 10`

/** Which kinds of errors the services have logged. */
export function errorPatterns({ platform }: Context, span: Span): Question[] {
  return ofAllLogs(platform, (groups) => [
    question({
      id: 'error patterns',
      title: 'Errors in the logs, by pattern',
      asks: { lines: { kind: 'logs', query: PATTERNS, groups, ...span } },
      answer: ({ lines: { rows } }) => {
        if (rows.length === 0) return { verdict: 'good', says: `no line has ERROR ${shown(span, platform.timezone)}` }
        return {
          verdict: 'shown',
          says: rows.length === 1 ? 'one pattern' : `${rows.length} patterns`,
          table: {
            head: ['lines', 'share', 'pattern'],
            rows: rows.map((row) => [
              row['@sampleCount'] ?? '',
              figure(100 * Number(row['@ratio'] ?? 0), 'Percent'),
              (row['@pattern'] ?? '').slice(0, 200),
            ]),
          },
        }
      },
    }),
  ])
}

/** A query takes so many groups (CloudWatch Logs API Reference, StartQuery). */
const MOST_GROUPS = 50

/** Of all services' logs: a question for as many groups as one query takes. */
export function ofAllLogs(platform: Context['platform'], asked: (groups: string[]) => Question[]): Question[] {
  const groups = [...new Set(Object.keys(platform.services).flatMap((name) => logGroupOf(platform, name) ?? []))]
  const parts = Array.from({ length: Math.ceil(groups.length / MOST_GROUPS) }, (_, at) =>
    asked(groups.slice(at * MOST_GROUPS, (at + 1) * MOST_GROUPS)),
  )
  if (parts.length < 2) return parts.flat()
  return parts.flatMap((of, at) =>
    of.map((one) => ({ ...one, id: `${one.id} ${at + 1}`, title: `${one.title}, part ${at + 1} of ${parts.length}` })),
  )
}

const REFUSED = `filter @message like /VALIDATION_FAILED|data_loss/
| pattern @message
| limit 10`

/** What validators refused, and the quality by pipeline. */
export function dataLogs({ platform }: Context, span: Span): Question[] {
  return ofAllLogs(platform, (groups) => [
    question({
      id: 'refused records',
      title: 'Lines about refused or lost records, by pattern',
      asks: { lines: { kind: 'logs', query: REFUSED, groups, ...span } },
      answer: ({ lines: { rows } }) => ({
        verdict: rows.length === 0 ? 'good' : 'shown',
        says: rows.length === 0 ? 'none' : String(rows.length),
        ...(rows.length > 0 && {
          table: {
            head: ['lines', 'pattern'],
            rows: rows.map((row) => [row['@sampleCount'] ?? '', (row['@pattern'] ?? '').slice(0, 200)]),
          },
        }),
      }),
    }),
    question({
      id: 'quality by pipeline',
      title: 'Records and quality by pipeline',
      asks: { lines: { kind: 'logs', query: QUERIES['business metrics'], groups, ...span } },
      answer: ({ lines: { rows } }) =>
        rows.length === 0
          ? { verdict: 'no data', says: 'no line says "batch completed"' }
          : {
              verdict: 'shown',
              says: `${rows.length} pipelines`,
              table: {
                head: ['pipeline', 'records', 'quality'],
                rows: rows.map((row) => [
                  row.pipeline ?? '',
                  figure(Number(row.records), 'Count'),
                  figure(Number(row.quality), 'Percent'),
                ]),
              },
            },
    }),
  ])
}
