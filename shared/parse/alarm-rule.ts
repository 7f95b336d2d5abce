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
  const tokens = [...(rule ?? '').slice(0, LONGEST).matchAll(TOKENS)].map(
    ([, double, single, mark, bare]): Token =>
      mark === undefined && bare === undefined
        ? { text: (double ?? single ?? '').replace(/\\(.)/gs, '$1'), isName: true }
        : { text: mark ?? bare ?? '', isName: mark === undefined },
  )
  const named = tokens.filter((token, at) => token.isName && isReference(tokens, at))
  return [...new Set(named.map(({ text }) => nameIn(text)))]
}

/** In the brackets of a state; or in the inner ones of `AT_LEAST(n, STATE, (…))`, which follow a state and a comma. */
function isReference(tokens: Token[], at: number): boolean {
  for (let before = at - 1; before >= 0; before--) {
    const { text, isName } = tokens[before] as Token
    if (!isName && text === ')') return false
    if (isName || text === ',') continue
    const [opener, state] = [tokens[before - 1], tokens[before - 2]]
    if (opener?.text === ',') return STATES.has(state?.text ?? '')
    return STATES.has(opener?.text ?? '')
  }
  return false
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
