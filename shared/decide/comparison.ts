import { durationMs } from './duration.ts'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const COMPARISON = /^([<>]=?)\s*(.+)$/s
const DURATION = /^\d+[smhd]$/

/** A parsed `>= 99` or `> 10m`. */
export interface Comparison {
  operator: '>' | '>=' | '<' | '<='
  limit: number
  matches(value: string): boolean
  /** The limit is a duration, in seconds: so must be the value. */
  isDuration: boolean
}

/** Parses a comparison; `undefined` if the text is not one. A value that is not a number never matches. */
export function readComparison(text: string): Comparison | undefined {
  const [, operator, wanted = ''] = COMPARISON.exec(text) ?? []
  if (operator === undefined) return undefined
  const isDuration = DURATION.test(wanted)
  const limit = isDuration ? durationMs(wanted) / 1_000 : numberIn(wanted)
  if (limit === undefined) return undefined
  const holds = OPERATORS[operator] as (a: number, b: number) => boolean
  const matches = (value: string) => {
    const number = numberIn(value)
    // Stryker disable next-line ConditionalExpression: nothing compares with what is no number
    return number !== undefined && holds(number, limit)
  }
  return { operator: operator as Comparison['operator'], limit, matches, isDuration }
}

const OPERATORS: Record<string, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

function numberIn(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined
}
