import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import jsep, { type Expression as Node } from 'jsep'
import { Refusal } from './refusal.ts'

/** One line of a graph. */
export interface Line {
  label: string
  periodS: number
  /** By the start of the period, in ms since 1970. */
  points: Map<number, number>
  failsAs?: 'Forbidden' | 'InternalError' | undefined
}

type Value = number | Line | Line[]

interface Given {
  /** The metrics of the request, by id. */
  known: Map<string, Line[]>
  search(text: string, statistic: string, periodS: number): Line[]
  /** What is asked, in ms since 1970. */
  span: { from: number; to: number }
}

/**
 * What an expression gives: CloudWatch's metric math, as far as reports and alarms use it (CloudWatch User Guide, Metric math
 * syntax). `deploy/valid/math.ts` has taught jsep its operators, and has refused what is no metric math.
 * @throws {Refusal} for a function that is not calculated here.
 */
export function evaluate(query: MetricDataQuery, queries: MetricDataQuery[], given: Given): Line[] {
  const value = new Evaluation(queries, given).of(jsep(query.Expression ?? ''))
  const lines = typeof value === 'number' ? [constant(value, given)] : Array.isArray(value) ? value : [value]
  const isOne = lines.length === 1 && !Array.isArray(value)
  return lines.map((line) => (isOne ? { ...line, label: query.Label ?? query.Id ?? line.label } : line))
}

/** A number has the times of the metrics beside it. */
function constant(value: number, { known }: Given): Line {
  const lines = [...known.values()].flat()
  const times = new Set(lines.flatMap(({ points }) => [...points.keys()]))
  return { ...EMPTY, periodS: lines[0]?.periodS ?? 60, points: new Map([...times].map((time) => [time, value])) }
}

const EMPTY: Line = { label: '', periodS: 60, points: new Map() }

const OPERATORS: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
}

const UNARY: Record<string, (a: number) => number> = {
  '-': (a) => -a,
  '+': (a) => a,
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
}

const FOLDS: Record<string, (values: number[]) => number> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => values.reduce((a, b) => Math.min(a, b)),
  MAX: (values) => values.reduce((a, b) => Math.max(a, b)),
  DATAPOINT_COUNT: (values) => values.length,
}

class Evaluation {
  readonly #queries: MetricDataQuery[]
  readonly #given: Given

  constructor(queries: MetricDataQuery[], given: Given) {
    this.#queries = queries
    this.#given = given
  }

  of(node: Node): Value {
    switch (node.type) {
      case 'Literal':
        return Number(node.value)
      case 'Identifier':
        return this.#byId(String(node.name))
      case 'ArrayExpression':
        return (node.elements as Node[]).flatMap((element) => linesOf(this.of(element)))
      case 'UnaryExpression':
        return each(this.of(node.argument as Node), UNARY[String(node.operator)] ?? ((a) => Number(a === 0)))
      case 'BinaryExpression':
        return both(this.of(node.left as Node), this.of(node.right as Node), OPERATORS[String(node.operator)])
      default:
        return this.#call(String((node.callee as Node).name), node.arguments as Node[])
    }
  }

  #byId(id: string): Value {
    const metric = this.#given.known.get(id)
    if (metric?.[0]) return metric[0]
    const query = this.#queries.find((one) => one.Id === id)
    return this.of(jsep(query?.Expression ?? '0'))
  }

  #call(name: string, given: Node[]): Value {
    const argument = (at: number): Value => this.of(given[at] as Node)
    const fold = FOLDS[name]
    if (fold) return folded(argument(0), fold)
    const unary = UNARY[name]
    if (unary) return each(argument(0), unary)
    switch (name) {
      case 'IF':
        return chosen(argument(0), argument(1), given.length > 2 ? argument(2) : undefined)
      case 'FILL':
        return filled(argument(0), given[1] as Node, this.#given.span)
      case 'METRICS':
        return this.#metrics(given[0])
      case 'PERIOD':
        return linesOf(argument(0))[0]?.periodS ?? 0
      case 'METRIC_COUNT':
        return linesOf(argument(0)).length
      case 'REMOVE_EMPTY':
        return linesOf(argument(0)).filter(({ points }) => points.size > 0)
      case 'RUNNING_SUM':
        return running(argument(0))
      case 'SEARCH':
        return this.#given.search(...(given.map(({ value }) => value) as [string, string, number]))
      default:
        throw new Refusal('ValidationError', `the stand-in does not calculate ${name}`)
    }
  }

  /** The metrics of the request, or those whose id has this text. */
  #metrics(part: Node | undefined): Line[] {
    const ids = [...this.#given.known.keys()].filter((id) => part === undefined || id.includes(String(part.value)))
    return ids.flatMap((id) => this.#given.known.get(id) ?? [])
  }
}

function linesOf(value: Value): Line[] {
  return typeof value === 'number' ? [] : Array.isArray(value) ? value : [value]
}

function each(value: Value, change: (a: number) => number): Value {
  if (typeof value === 'number') return change(value)
  if (Array.isArray(value)) return value.map((line) => each(line, change) as Line)
  return mapped(value, (_, point) => change(point))
}

/** Without a point where the result is none, as in a division by zero. */
function mapped(line: Line, change: (time: number, point: number) => number | undefined): Line {
  const points = [...line.points].flatMap(([time, point]) => {
    const value = change(time, point)
    return value !== undefined && Number.isFinite(value) ? [[time, value] as const] : []
  })
  return { ...line, points: new Map(points) }
}

/** Of two lines, at the times that both have. */
function both(left: Value, right: Value, by: ((a: number, b: number) => number) | undefined): Value {
  if (!by) throw new Refusal('ValidationError', 'the stand-in does not calculate this operator')
  if (typeof left === 'number') return each(right, (b) => by(left, b))
  if (typeof right === 'number') return each(left, (a) => by(a, right))
  if (Array.isArray(left)) return left.map((line) => both(line, right, by) as Line)
  if (Array.isArray(right)) return right.map((line) => both(left, line, by) as Line)
  return mapped(left, (time, a) => {
    const b = right.points.get(time)
    return b === undefined ? undefined : by(a, b)
  })
}

/** Of a list, a line over its times; of a line, a number. */
function folded(value: Value, fold: (values: number[]) => number): Value {
  if (typeof value === 'number') return value
  if (!Array.isArray(value)) return value.points.size === 0 ? 0 : fold([...value.points.values()])
  const times = new Set(value.flatMap(({ points }) => [...points.keys()]))
  const points = [...times].map((time) => {
    const values = value.flatMap((line) => line.points.get(time) ?? [])
    return [time, fold(values)] as const
  })
  return { ...(value[0] ?? EMPTY), points: new Map(points) }
}

function chosen(when: Value, then: Value, otherwise: Value | undefined): Value {
  if (typeof when === 'number') return when !== 0 ? then : (otherwise ?? EMPTY)
  const line = linesOf(when)[0] ?? EMPTY
  const at = (value: Value | undefined, time: number) =>
    typeof value === 'number' ? value : value && linesOf(value)[0]?.points.get(time)
  return mapped(line, (time, condition) => at(condition !== 0 ? then : otherwise, time))
}

/** At each time that is asked for; a line without any point stays so. */
function filled(value: Value, by: Node, span: Given['span']): Value {
  if (typeof value === 'number') return value
  if (Array.isArray(value)) return value.map((line) => filled(line, by, span) as Line)
  if (value.points.size === 0) return value
  if (by.name === 'LINEAR') throw new Refusal('ValidationError', 'the stand-in does not calculate FILL with LINEAR')
  const points = new Map<number, number>()
  let before: number | undefined
  for (let time = span.from; time < span.to; time += value.periodS * 1_000) {
    const point = value.points.get(time) ?? (by.type === 'Literal' ? Number(by.value) : before)
    if (point !== undefined) points.set(time, point)
    before = point
  }
  return { ...value, points }
}

function running(value: Value): Value {
  if (typeof value === 'number') return value
  if (Array.isArray(value)) return value.map((line) => running(line) as Line)
  const sums = new Map<number, number>()
  let sum = 0
  for (const [time, point] of [...value.points].sort(([a], [b]) => a - b)) {
    sum += point
    sums.set(time, sum)
  }
  return { ...value, points: sums }
}
