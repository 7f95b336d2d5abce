import type { Json } from '../../schemas/loose.ts'
import { parseArn } from './arn.ts'

const STATES = new Set(['ALARM', 'OK', 'INSUFFICIENT_DATA'])
/** CloudWatch's own limit of a rule. */
const LONGEST = 10_240
const TOKENS = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([(),])|([^\s(),"']+)/g

interface Token {
  text: string
  isName: boolean
}

/**
 * The alarms that a composite's rule names, each once: `ALARM("a b") AND NOT OK(arn:…:alarm:c) OR AT_LEAST(2, ALARM, (d, e))`.
 * What is no rule names none.
 */
export function alarmsInRule(rule: string | undefined): string[] {
  const tokens = tokensOf(rule)
  const named = tokens.filter((token, at) => token.isName && stateOf(tokens, at) !== undefined)
  return [...new Set(named.map(({ text }) => nameIn(text)))]
}

/** Those of them whose ALARM raises the composite: not `b` of `ALARM(a) AND NOT ALARM(b)`, but of `NOT OK(b)`. */
export function raisersIn(rule: string | undefined): string[] {
  const tokens = tokensOf(rule)
  const raisers = new Set<string>()
  // Whether what is in each open bracket is negated, and what comes next.
  const negated: boolean[] = []
  let isNext = false
  for (const [at, { text, isName }] of tokens.entries()) {
    const isWithin = negated.at(-1) ?? false
    const state = isName ? stateOf(tokens, at) : undefined
    if (state !== undefined) {
      if ((state === 'ALARM') !== isWithin) raisers.add(nameIn(text))
    } else if (text === '(') {
      negated.push(isWithin !== isNext)
      isNext = false
    } else if (text === ')') negated.pop()
    else if (text === 'NOT') isNext = !isNext
    // `NOT ALARM(a)`, `NOT AT_LEAST(…)`: it lasts until the bracket.
    else if (text === 'AND' || text === 'OR') isNext = false
  }
  return [...raisers]
}

function tokensOf(rule: string | undefined): Token[] {
  return [...(rule ?? '').slice(0, LONGEST).matchAll(TOKENS)].map(
    ([, double, single, mark, bare]): Token =>
      mark === undefined && bare === undefined
        ? { text: (double ?? single ?? '').replace(/\\(.)/gs, '$1'), isName: true }
        : { text: mark ?? bare ?? '', isName: mark === undefined },
  )
}

/**
 * The state of whose brackets it is in, or of the inner ones of `AT_LEAST(n, STATE, (…))`, which follow a state and a comma;
 * `undefined`: it names no alarm.
 */
function stateOf(tokens: Token[], at: number): string | undefined {
  for (let before = at - 1; before >= 0; before--) {
    const { text, isName } = tokens[before] as Token
    if (!isName && text === ')') return undefined
    if (isName || text === ',') continue
    const [opener, state] = [tokens[before - 1], tokens[before - 2]]
    const found = opener?.text === ',' ? state?.text : opener?.text
    return STATES.has(found ?? '') ? found : undefined
  }
  return undefined
}

/** Of a name, or an ARN. */
export function nameIn(reference: string): string {
  const resource = parseArn(reference)?.resource
  return resource?.startsWith('alarm:') ? resource.slice('alarm:'.length) : reference
}

/** All that a composite names: what it combines, and what suppresses it. What is no composite names none. */
export function namedByComposite({ raw }: { raw: Json }): string[] {
  const { AlarmRule, ActionsSuppressor } = raw
  const combined = alarmsInRule(typeof AlarmRule === 'string' ? AlarmRule : undefined)
  return typeof ActionsSuppressor === 'string' ? [...new Set([...combined, nameIn(ActionsSuppressor)])] : combined
}
