import jsep, { type Expression as Node } from 'jsep'
import './math.ts'

/*
 * What PutCompositeAlarm refuses (CloudWatch API Reference, PutCompositeAlarm; User Guide, Combining alarms). Children
 * are named in quotes: without them AWS takes most names, but not those with blanks or parentheses.
 */

export interface CompositeProperties {
  AlarmRule?: unknown
  ActionsSuppressor?: unknown
  ActionsSuppressorWaitPeriod?: unknown
  ActionsSuppressorExtensionPeriod?: unknown
}

const STATES = ['ALARM', 'OK', 'INSUFFICIENT_DATA']
const MAX_RULE = 10_240
const MAX_CHILDREN = 100
/** Children, TRUE, FALSE and pairs of parentheses. */
const MAX_ELEMENTS = 500

export interface RuleRead {
  problems: string[]
  /** The names of alarms in it, as written. */
  children: string[]
}

export function compositeProblems(alarm: CompositeProperties): string[] {
  const periods = [alarm.ActionsSuppressorWaitPeriod, alarm.ActionsSuppressorExtensionPeriod]
  const isWhole = periods.every((period) => (period === undefined) === (alarm.ActionsSuppressor === undefined))
  return isWhole
    ? []
    : ['ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod: give all three or none']
}

/** Reads a composite alarm's rule. */
export function readAlarmRule(rule: string): RuleRead {
  const found: RuleRead = { problems: [], children: [] }
  try {
    // jsep takes no percent sign behind a number.
    boolean(jsep(rule.replace(/(AT_LEAST\(\s*\d+)%/g, '$1')), found)
  } catch (error) {
    // Only jsep throws.
    return { problems: [`AlarmRule can't be read: ${(error as Error).message}`], children: [] }
  }
  const children = new Set(found.children).size
  const elements = (rule.match(/\b(TRUE|FALSE)\b|\(/g) ?? []).length + found.children.length
  if (rule.length > MAX_RULE) found.problems.push(`AlarmRule has ${rule.length} characters: at most ${MAX_RULE}`)
  if (children > MAX_CHILDREN) found.problems.push(`AlarmRule names ${children} alarms: at most ${MAX_CHILDREN}`)
  if (elements > MAX_ELEMENTS) found.problems.push(`AlarmRule has ${elements} elements: at most ${MAX_ELEMENTS}`)
  return found
}

function boolean(node: Node, found: RuleRead): void {
  if (node.type === 'BinaryExpression' && ['AND', 'OR'].includes(node.operator as string)) {
    boolean(node.left as Node, found)
    boolean(node.right as Node, found)
  } else if (node.type === 'UnaryExpression' && node.operator === 'NOT') boolean(node.argument as Node, found)
  else if (node.type === 'CallExpression') call(node, found)
  else if (node.type !== 'Identifier' || !['TRUE', 'FALSE'].includes(node.name as string)) {
    found.problems.push(
      `AlarmRule takes ${STATES.join('("…"), ')}("…"), AT_LEAST(…), TRUE and FALSE, with AND, OR, NOT and parentheses`,
    )
  }
}

function call({ callee, arguments: given }: Node, found: RuleRead): void {
  const name = (callee as Node).name as string
  const [first, ...others] = given as Node[]
  if (STATES.includes(name) && others.length === 0 && typeof first?.value === 'string') found.children.push(first.value)
  else if (name === 'AT_LEAST') atLeast(given as Node[], found)
  else
    found.problems.push(
      `AlarmRule: write ${STATES.join('("name"), ')}("name")${STATES.includes(name) ? '' : `, not ${name}(…)`}`,
    )
}

/** `AT_LEAST(2, ALARM, ("a", "b", "c"))`, `AT_LEAST(50%, NOT OK, (…))`: jsep reads the list as what it calls a sequence. */
function atLeast(given: Node[], found: RuleRead): void {
  const [share, state, alarms] = given
  const names = alarms?.type === 'SequenceExpression' ? (alarms.expressions as Node[]) : [alarms]
  const isState = STATES.includes(((state?.argument as Node | undefined) ?? state)?.name as string)
  if (given.length !== 3 || share === undefined || !isState || names.some((one) => typeof one?.value !== 'string')) {
    found.problems.push('AlarmRule: write AT_LEAST(2, ALARM, ("name", …)), or a share such as 50%')
    return
  }
  found.children.push(...names.map((one) => one?.value as string))
}
