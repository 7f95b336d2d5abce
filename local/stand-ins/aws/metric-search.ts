import type { MetricLine } from './data.ts'

/**
 * The metrics that a SEARCH finds: `{AWS/Lambda,FunctionName} MetricName="Duration"` has exactly these dimensions, and each
 * term (CloudWatch User Guide, Search expression syntax; without OR, NOT and parentheses).
 */
export function searched(metrics: MetricLine[], text: string): MetricLine[] {
  const [, schema = '', terms = ''] = /^\s*\{([^}]*)\}\s*(.*)$/s.exec(text) ?? []
  const [namespace, ...names] = schema.split(',').map((part) => part.trim().replace(/^"|"$/g, ''))
  const wanted = [...terms.matchAll(/(?:(\w+)=)?"([^"]*)"|(?:(\w+)=)?([^\s"]+)/g)].map(
    ([, key, quoted, plainKey, plain]) => ({ key: key ?? plainKey, value: quoted ?? plain ?? '' }),
  )
  return metrics.filter(
    (line) =>
      line.namespace === namespace &&
      Object.keys(line.dimensions).sort().join() === names.sort().join() &&
      wanted.every(({ key, value }) => hasTerm(line, key, value)),
  )
}

function hasTerm({ metric, dimensions }: MetricLine, key: string | undefined, value: string): boolean {
  if (key === 'MetricName') return metric === value
  if (key !== undefined) return dimensions[key] === value
  return [metric, ...Object.values(dimensions)].some((text) => text.toLowerCase().includes(value.toLowerCase()))
}
