import jsep, { type Expression as Node } from 'jsep'

/*
 * CloudWatch's metric math, as far as it can be judged without data: syntax, ids, functions, and whether the result is
 * one time series (CloudWatch User Guide, Using math expressions with CloudWatch metrics).
 */

jsep.addBinaryOp('OR', 1)
jsep.addBinaryOp('AND', 2)
jsep.addBinaryOp('^', 12)
jsep.addUnaryOp('NOT')

const OPERATORS = ['+', '-', '*', '/', '^', '==', '!=', '<', '<=', '>', '>=', 'AND', 'OR', '&&', '||', 'NOT', '!']

/** What an expression gives: a number, one line of a graph, or several. */
export type Shape = 'number' | 'series' | 'list'

interface Of {
  arguments: [least: number, most: number]
  gives: (shapes: Shape[]) => Shape
}

const each = (least: number, most: number, gives: Of['gives'], ...names: string[]): [string, Of][] =>
  names.map((name) => [name, { arguments: [least, most], gives }])
const as = (shape: Shape) => () => shape
const asGiven = ([first = 'series']: Shape[]): Shape => first
/** Of a list, a series; of a series, a number. */
const folded = ([first]: Shape[]): Shape => (first === 'list' ? 'series' : 'number')
const widest = (shapes: Shape[]): Shape =>
  (['list', 'series'] as const).find((shape) => shapes.includes(shape)) ?? 'number'

const FUNCTIONS = new Map<string, Of>([
  ...each(1, 1, asGiven, 'ABS', 'CEIL', 'FLOOR', 'LOG', 'LOG10', 'DIFF', 'DIFF_TIME', 'RATE', 'RUNNING_SUM'),
  ...each(1, 1, folded, 'AVG', 'MAX', 'MIN', 'SUM', 'STDDEV', 'METRIC_COUNT', 'DATAPOINT_COUNT', 'FIRST', 'LAST'),
  ...each(1, 1, as('series'), 'DAY', 'HOUR', 'MINUTE', 'MONTH', 'YEAR', 'EPOCH', 'TIME_SERIES', 'SERVICE_QUOTA'),
  ...each(1, 1, as('number'), 'PERIOD'),
  ...each(1, 1, as('list'), 'REMOVE_EMPTY'),
  ...each(2, 2, asGiven, 'FILL'),
  ...each(2, 3, widest, 'IF'),
  ...each(2, 3, as('list'), 'SLICE', 'SORT'),
  ...each(0, 1, as('list'), 'METRICS'),
  ...each(3, 3, as('list'), 'SEARCH'),
  ...each(2, 2, as('series'), 'INSIGHT_RULE_METRIC'),
  // Its two lines are what an alarm compares its metric with.
  ...each(1, 2, asGiven, 'ANOMALY_DETECTION_BAND'),
])

/** Words that some functions take as an argument. */
const WORDS = ['REPEAT', 'LINEAR', 'ASC', 'DESC']

export interface Expression {
  /** What it gives; absent if it can't be read. */
  shape?: Shape
  problems: string[]
  /** The ids that it reads. */
  reads: string[]
  functions: string[]
}

/** Reads an expression. `shapeOf` says what an id stands for: `undefined` where there is none. */
export function readMath(text: string, shapeOf: (id: string) => Shape | undefined): Expression {
  const found: Found = { shapeOf, problems: [], reads: [], functions: [] }
  try {
    const shape = shapeIn(jsep(text), found)
    const { problems, reads, functions } = found
    return { ...(problems.length === 0 && { shape }), problems, reads, functions }
  } catch (error) {
    // Only jsep throws.
    return { problems: [`can't be read: ${(error as Error).message}`], reads: [], functions: [] }
  }
}

interface Found extends Omit<Expression, 'shape'> {
  shapeOf: (id: string) => Shape | undefined
}

function shapeIn(node: Node, found: Found): Shape {
  switch (node.type) {
    case 'Literal':
      return 'number'
    case 'Identifier':
      return shapeOfName(node.name as string, found)
    case 'ArrayExpression':
      for (const element of node.elements as Node[]) shapeIn(element, found)
      return 'list'
    case 'CallExpression':
      return shapeOfCall((node.callee as Node).name as string, node.arguments as Node[], found)
    case 'UnaryExpression':
      return shapeOfOperator(node.operator as string, [node.argument as Node], found)
    case 'BinaryExpression':
      return shapeOfOperator(node.operator as string, [node.left as Node, node.right as Node], found)
    default:
      found.problems.push(`is not one expression of metric math`)
      return 'series'
  }
}

function shapeOfName(name: string, { shapeOf, reads, problems }: Found): Shape {
  if (WORDS.includes(name)) return 'number'
  reads.push(name)
  const shape = shapeOf(name)
  if (shape === undefined) problems.push(`reads "${name}": there is no metric with this id`)
  return shape ?? 'series'
}

function shapeOfCall(name: string, given: Node[], found: Found): Shape {
  const shapes = given.map((one) => shapeIn(one, found))
  const of = FUNCTIONS.get(name)
  if (!of) {
    found.problems.push(`calls ${name}: there are ${[...FUNCTIONS.keys()].sort().join(', ')}`)
    return 'series'
  }
  found.functions.push(name)
  const [least, most] = of.arguments
  if (shapes.length < least || shapes.length > most) {
    const takes = least === most ? `${least}` : `${least} to ${most}`
    found.problems.push(`gives ${name} ${shapes.length} arguments: it takes ${takes}`)
  }
  return of.gives(shapes)
}

function shapeOfOperator(operator: string, sides: Node[], found: Found): Shape {
  if (!OPERATORS.includes(operator)) found.problems.push(`uses "${operator}": metric math has ${OPERATORS.join(' ')}`)
  return widest(sides.map((side) => shapeIn(side, found)))
}
