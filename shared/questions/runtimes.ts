import type { Proposal } from './answer.ts'
import type { LambdaFunction } from './ask.ts'
import { type Context, type Question, question } from './question.ts'
import { shell } from './shell.ts'
import { DAY_MS } from './spans.ts'

/** So long before its end: a new runtime is a change of code, with tests. */
const WARN_DAYS = 90

/** Of when the table below is (Lambda Developer Guide, Lambda runtimes: deprecation dates). AWS moves dates. */
export const AS_OF = '2026-07-25'

/** When AWS ends, or ended, its support of a runtime: no security patches from then on. */
export const ENDS: Record<string, string> = {
  ...{ 'nodejs24.x': '2028-04-30', 'nodejs22.x': '2027-04-30', 'nodejs20.x': '2026-04-30', 'nodejs18.x': '2025-09-01' },
  ...{ 'nodejs16.x': '2024-06-12', 'nodejs14.x': '2023-12-04', 'nodejs12.x': '2023-03-31', 'nodejs10.x': '2021-07-30' },
  ...{ 'nodejs8.10': '2020-03-06', 'nodejs6.10': '2019-08-12', 'nodejs4.3': '2020-03-05', nodejs: '2016-10-31' },
  ...{ 'python3.14': '2029-06-30', 'python3.13': '2029-06-30', 'python3.12': '2028-10-31', 'python3.11': '2027-06-30' },
  ...{ 'python3.10': '2026-10-31', 'python3.9': '2025-12-15', 'python3.8': '2024-10-14', 'python3.7': '2023-12-04' },
  ...{ 'python3.6': '2022-07-18', 'python2.7': '2021-07-15' },
  ...{ java25: '2029-06-30', java21: '2029-06-30', 'java17.al2023': '2029-06-30', 'java11.al2023': '2029-06-30' },
  ...{ 'java8.al2023': '2029-06-30', java17: '2027-06-30', java11: '2027-06-30', 'java8.al2': '2027-06-30' },
  ...{ java8: '2024-01-08' },
  ...{ dotnet10: '2028-11-14', dotnet8: '2026-11-10', dotnet6: '2024-12-20', 'dotnetcore3.1': '2023-04-03' },
  ...{ 'dotnetcore2.1': '2022-01-05', 'dotnetcore2.0': '2019-05-30', 'dotnetcore1.0': '2019-06-27' },
  ...{ 'ruby4.0': '2029-03-31', 'ruby3.4': '2028-03-31', 'ruby3.3': '2027-03-31', 'ruby3.2': '2026-03-31' },
  ...{ 'ruby2.7': '2023-12-07', 'ruby2.5': '2021-07-30' },
  ...{ 'provided.al2023': '2029-06-30', 'provided.al2': '2026-07-31', provided: '2024-01-08', 'go1.x': '2024-01-08' },
}

/** The newest of each language that AWS supports. */
const NEWEST: [family: RegExp, runtime: string][] = [
  [/^nodejs/, 'nodejs24.x'],
  [/^python/, 'python3.14'],
  [/^java/, 'java25'],
  [/^dotnet/, 'dotnet10'],
  [/^ruby/, 'ruby4.0'],
  [/^(provided|go)/, 'provided.al2023'],
]

/** Which functions have a runtime that AWS does not patch any more, or soon will not. */
export function runtimes({ now }: Context): Question[] {
  return [
    question({
      id: 'runtimes',
      title: 'Runtimes of functions',
      asks: { functions: { kind: 'functions' } },
      answer: ({ functions }) => judged(functions, now),
    }),
  ]
}

function judged(functions: LambdaFunction[], now: Date) {
  const bound = `supported for ${WARN_DAYS} days and more`
  if (functions.length === 0) return { verdict: 'shown' as const, says: 'there are no functions' }
  const named = functions.flatMap((one) => (one.runtime === undefined ? [] : [{ ...one, runtime: one.runtime }]))
  const known = named
    .map((one) => ({ ...one, ends: ENDS[one.runtime] }))
    .filter((one): one is Ending => one.ends !== undefined)
    .sort((one, other) => (one.ends < other.ends ? -1 : 1))
  const left = ({ ends }: { ends: string }) => (Date.parse(ends) - now.getTime()) / DAY_MS
  const due = known.filter((one) => left(one) < WARN_DAYS)
  const ended = due.filter((one) => left(one) < 0)
  const soon = due.length - ended.length
  const counts = [
    ...(ended.length > 0 ? [`${ended.length} no longer supported`] : []),
    ...(soon > 0 ? [`${soon} for less than ${WARN_DAYS} days`] : []),
  ]
  const unknown = named.filter(({ runtime }) => ENDS[runtime] === undefined)
  const images = functions.length - named.length
  const notes = [
    `the dates are those of the Lambda Developer Guide as of ${AS_OF}; AWS moves them`,
    ...(images > 0 ? [`${images} from container images have no runtime here: rebuild them on a newer base`] : []),
    ...(unknown.length > 0
      ? [`no date is known of ${[...new Set(unknown.map(({ runtime }) => runtime))].join(', ')}`]
      : []),
  ]
  return {
    verdict: due.length > 0 ? ('bad' as const) : known.length > 0 ? ('good' as const) : ('shown' as const),
    says: due.length === 0 ? `${known.length} supported` : counts.join(', '),
    bound,
    ...(due.length > 0 && {
      todo: `Move ${due.map(({ name, runtime }) => `${name} (${runtime})`).join(', ')} to a newer runtime`,
      proposals: due.map((one) => proposalOf(one, left(one) < 0)),
      table: {
        head: ['function', 'runtime', 'support ends'],
        rows: due.map(({ name, runtime, ends }) => [name, runtime, ends]),
      },
    }),
    source: { incomplete: notes.join('; ') },
  }
}

type Ending = LambdaFunction & { runtime: string; ends: string }

function proposalOf({ name, arn, runtime }: Ending, hasEnded: boolean): Proposal {
  const newest = NEWEST.find(([family]) => family.test(runtime))?.[1] ?? runtime
  const change = (to: string) => updateOf(name, arn, { runtime: to })
  return {
    command: change(newest),
    effect: `${name} runs on ${newest}, which AWS patches until ${ENDS[newest] ?? 'further notice'}`,
    risk: `its code may not run on ${newest}: test a copy of it first. Change its template, too, or the next deployment undoes this`,
    back: hasEnded
      ? `AWS may refuse ${runtime} afterwards: publish a version before (${shell('aws lambda publish-version', { 'function-name': name, ...regionOf(arn) })}), to which callers can be led back`
      : change(runtime),
  }
}

/** A command that changes a function. */
export function updateOf(name: string, arn: string, options: Record<string, string>): string {
  return shell('aws lambda update-function-configuration', { 'function-name': name, ...options, ...regionOf(arn) })
}

/** `arn:aws:lambda:eu-west-1:…`: the region of whoever pastes the command may be another. */
export function regionOf(arn: string): { region?: string } {
  const region = arn.split(':')[3]
  return region ? { region } : {}
}
