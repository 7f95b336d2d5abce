import { vi } from 'vitest'
import * as z from 'zod'

/** The rules of the embedded metric format that CloudWatch documents ("Specification: Embedded metric format"). */
const UNITS = ['Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Percent', 'Count', 'Count/Second', 'None'] as const
const text = z.string().min(1).max(1_024)
const directive = z.strictObject({
  Namespace: text.regex(/^[A-Za-z0-9._/#: -]+$/),
  Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
  Metrics: z.array(z.strictObject({ Name: text, Unit: z.enum(UNITS) })).max(100),
})
const root = z.looseObject({
  _aws: z.strictObject({ Timestamp: z.int().positive(), CloudWatchMetrics: z.array(directive) }),
})
/** Text without control characters, in ASCII, and not blank: a valid value of a CloudWatch dimension. */
const dimensionValue = text.regex(/^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/)

/** The metrics that CloudWatch would take from a log line. */
export interface Measured {
  namespace: string
  metric: string
  unit: string
  value: number
  dimensions: Record<string, string>
}

/** @throws {Error} where the line breaks the format. */
export function readEmf(line: string): Measured[] {
  const document = root.parse(JSON.parse(line))
  return document._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((set) => {
      const dimensions = Object.fromEntries(set.map((name) => [name, dimensionValue.parse(document[name])]))
      return Metrics.map(({ Name, Unit }) => ({
        namespace: Namespace,
        metric: Name,
        unit: Unit,
        value: z.number().parse(document[Name]),
        dimensions,
      }))
    }),
  )
}

/**
 * What is written to standard output while `work` runs, a line each, and what of it CloudWatch takes for metrics; and what
 * is logged, which Lambda puts under `message`.
 */
export async function written(
  work: () => unknown,
): Promise<{ lines: string[]; metrics: Measured[]; logged: Record<string, unknown>[] }> {
  const chunks: string[] = []
  const logged: Record<string, unknown>[] = []
  const { LOG_LEVEL } = process.env
  const output = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    chunks.push(String(chunk))
    return true
  })
  const consoles = (['info', 'warn', 'error'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((message) => {
      logged.push(message)
    }),
  )
  if (LOG_LEVEL === 'SILENT') process.env.LOG_LEVEL = 'INFO'
  try {
    await work()
  } finally {
    if (LOG_LEVEL !== undefined) process.env.LOG_LEVEL = LOG_LEVEL
    for (const spy of [output, ...consoles]) spy.mockRestore()
  }
  const lines = chunks.join('').split('\n').filter(Boolean)
  return { lines, metrics: lines.flatMap(readEmf), logged }
}
