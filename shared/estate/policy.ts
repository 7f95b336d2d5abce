/*
 * Whether a policy allows a request: the part of IAM's logic that the policies of topics, queues, keys and functions
 * need (IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements"). If the result depends on
 * something unknown, it is `unclear`, never allowed.
 */

export interface Policy {
  Statement: Statement | Statement[]
}

export interface Statement {
  Sid?: string
  Effect: string
  Principal?: string | Record<string, string | string[]>
  NotPrincipal?: unknown
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  Condition?: Record<string, Record<string, unknown>>
}

export interface Asked {
  /** As in policies: a service's name, or a role's ARN. */
  who: string
  /** Other names that a policy may use: for a role, its account and the account's root. */
  alias?: string[]
  action: string
  resource: string
  /**
   * The condition keys of the request that are known. `null`: the request does not have it. Other keys may have any
   * value.
   */
  context: Record<string, string | null>
}

export type Verdict = 'allowed' | 'not allowed' | 'denied' | 'unclear'

/** yes, no, or unknown */
type Truth = boolean | undefined

export function judge(policy: Policy, asked: Asked): Verdict {
  const ofEffect = (effect: string) =>
    list(policy.Statement)
      .filter(({ Effect }) => Effect === effect)
      .map((statement) => applies(statement, asked))
  const denies = ofEffect('Deny')
  const allows = ofEffect('Allow')
  if (denies.includes(true)) return 'denied'
  if (denies.includes(undefined)) return 'unclear'
  if (allows.includes(true)) return 'allowed'
  return allows.includes(undefined) ? 'unclear' : 'not allowed'
}

function applies(statement: Statement, asked: Asked): Truth {
  return all([
    isWho(statement, asked),
    named(statement.Action, statement.NotAction, asked.action.toLowerCase(), (name) => name.toLowerCase()),
    named(statement.Resource, statement.NotResource, asked.resource, (name) => name),
    ...Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys ?? {}).map(([key, values]) =>
        holds(operator, list(values).map(String), contextOf(key, asked)),
      ),
    ),
  ])
}

/** A `false` decides; otherwise an unknown makes the result unknown. */
function all(truths: Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes(undefined) ? undefined : true
}

/** A statement of a role's policy has no principal: it applies to the role. */
function isWho({ Principal, NotPrincipal }: Statement, { who, alias = [] }: Asked): Truth {
  if (NotPrincipal !== undefined) return undefined
  if (Principal === undefined) return true
  const names =
    typeof Principal === 'object' && Principal !== null ? Object.values(Principal).flatMap(list) : list(Principal)
  return names.some((name) => name === '*' || name === who || alias.includes(name))
}

/** A statement of a resource's policy without a resource applies to the one that has it. */
function named(
  names: string | string[] | undefined,
  others: string | string[] | undefined,
  asked: string,
  normal: (name: string) => string,
): boolean {
  const areLike = (all: string | string[]) => list(all).some((name) => isLike(normal(String(name)), asked))
  return others !== undefined ? !areLike(others) : names === undefined || areLike(names)
}

function contextOf(key: string, { context }: Asked): string | null | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
}

/** `value`: in the request; `null` if it has none, `undefined` if unknown. */
function holds(operator: string, wanted: string[], value: string | null | undefined): Truth {
  const [, name = '', ifExists] = /^(?:ForA\w+:)?(\w+?)(IfExists)?$/.exec(operator) ?? []
  if (value === undefined) return undefined
  if (name === 'Null') return wanted.includes(String(value === null))
  const isNegative = name.includes('Not')
  if (value === null) return isNegative || ifExists !== undefined
  const test = TESTS[name.replace('Not', '')]
  if (!test) return undefined
  return wanted.some((one) => test(one, value)) !== isNegative
}

const equal = (wanted: string, value: string) => wanted === value
const equalInAnyCase = (wanted: string, value: string) => wanted.toLowerCase() === value.toLowerCase()

const TESTS: Record<string, (wanted: string, value: string) => boolean> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: equalInAnyCase,
  StringLike: isLike,
  // * and ? mean the same in both.
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: equalInAnyCase,
}

/** With `*` and `?`, as in policies. */
function isLike(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

function list<Of>(value: Of | Of[] | undefined): Of[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}
