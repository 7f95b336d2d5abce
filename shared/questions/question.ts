import type { Config } from '../../schemas/config.ts'
import type { Platform } from '../../schemas/platform.ts'
import type { Answer, Proposal, Source } from './answer.ts'
import type { Ask, Found, Outcome, Refused } from './ask.ts'

/** What every question knows. */
export interface Context {
  platform: Platform
  /** The router's. */
  rules: Config
  now: Date
  /** How far the report looks back, where that is up to it. */
  days: number
  /** Of a handover: since when (ISO 8601). Absent: as long as a shift. */
  since?: string
  /** Where the stage is: commands that are proposed name it. */
  region?: string
  /** The stage's alarms topic, where that is known: rules may ask for its account and region. */
  topicArn?: string
  /** Of the router: `alert-router/prod`. */
  routerMetrics: string
}

type Kinds<Asks extends Record<string, Ask>> = { [Name in keyof Asks]: Found[Asks[Name]['kind']] }

/** A question as data: what it has to ask, and what it makes of the answers. Both are pure. */
export interface Question<Asks extends Record<string, Ask> = Record<string, Ask>> {
  id: string
  title: string
  asks: Asks
  /** Of which account and region the proposed commands are; absent: the stage's. */
  place?: { profile: string; region?: string }
  /** Only when all was answered. */
  answer(found: Kinds<Asks>): Omit<Answer, 'id' | 'title' | 'source'> & { source?: Partial<Source> }
}

/** The same of each account of the file, beside the stage's own. */
export function inEachAccount(questions: (context: Context) => Question[]): (context: Context) => Question[] {
  return (context) => {
    const own = questions(context)
    const others = Object.entries(context.platform.accounts).flatMap(([account, { region = context.region }]) =>
      own.map((one) => ofAccount(account, region, one)),
    )
    return [...own, ...others]
  }
}

function ofAccount(account: string, region: string | undefined, one: Question): Question {
  const asks = Object.entries(one.asks).map(([name, ask]): [string, Ask] => [name, { ...ask, account }])
  const id = `${one.id} in ${account}`
  const place = { profile: account, ...(region !== undefined && { region }) }
  return { ...one, id, title: `${one.title}, in ${account}`, asks: Object.fromEntries(asks), place }
}

/** Of one kind among others in a list. */
export function question<const Asks extends Record<string, Ask>>(one: Question<Asks>): Question {
  return one as unknown as Question
}

/** The answer to a question, of what each of its asks came to. */
export function answerTo(
  one: Question,
  outcomeOf: (ask: Ask) => Outcome,
  { now, region }: Pick<Context, 'now' | 'region'>,
): Answer {
  const { id, title } = one
  const asks = Object.entries(one.asks)
  const outcomes = asks.map(([name, ask]) => [name, outcomeOf(ask)] as const)
  const source = sourceOf(
    asks.map(([, ask]) => ask),
    outcomes.map(([, outcome]) => outcome),
    now,
  )
  const refused = outcomes.flatMap(([, outcome]) => ('refused' in outcome ? [outcome.refused] : []))
  if (refused.length > 0) return { id, title, verdict: 'not checked', says: needs(refused), source }
  const found = Object.fromEntries(
    outcomes.map(([name, outcome]) => [name, 'data' in outcome ? outcome.data : undefined]),
  )
  const answered = one.answer(found as never)
  const proposals = answered.proposals?.map((proposal) => inPlace(proposal, one.place ?? { region }))
  return { id, title, ...answered, ...(proposals && { proposals }), source: { ...source, ...answered.source } }
}

/** The shell of whoever pastes a command may be at home in another account, or another region. */
function inPlace(proposal: Proposal, { profile, region }: { profile?: string; region?: string | undefined }): Proposal {
  const placed = (command: string) => {
    if (!command.startsWith('aws ')) return command
    const isPlaced = / --region /.test(command) || region === undefined
    return `${command}${isPlaced ? '' : ` --region ${region}`}${profile === undefined ? '' : ` --profile ${profile}`}`
  }
  return {
    ...proposal,
    ...{ command: placed(proposal.command), back: placed(proposal.back) },
    ...(profile !== undefined && { effect: `${proposal.effect} (with your profile of the account ${profile})` }),
  }
}

function needs(refused: Refused[]): string {
  const texts = new Set(
    refused.map(({ needs: missing, why }) => (missing === undefined ? why : `needs ${missing} (${why})`)),
  )
  return [...texts].join('; ')
}

function sourceOf(asks: Ask[], outcomes: Outcome[], now: Date): Source {
  const spans = asks.flatMap((ask) => ('from' in ask ? [ask] : []))
  const [from] = spans.map((span) => span.from).sort()
  const to = spans
    .map((span) => span.to)
    .sort()
    .at(-1)
  const missing = outcomes.flatMap((outcome) =>
    'data' in outcome && 'missing' in outcome.data ? outcome.data.missing : [],
  )
  return {
    query: [...new Set(asks.map(queryOf))].join('; '),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    asOf: outcomes.flatMap((outcome) => ('data' in outcome ? [outcome.asOf] : [])).sort()[0] ?? now.toISOString(),
    ...(missing.length > 0 && { incomplete: `there is no log group ${[...new Set(missing)].join(', ')}` }),
  }
}

/** As somebody would ask it again. */
function queryOf<Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>): string {
  return QUERIES[ask.kind as Kind](ask)
}

const QUERIES: { [Kind in Ask['kind']]: (ask: Extract<Ask, { kind: Kind }>) => string } = {
  metric: ({ series: { namespace, metric, dimensions }, statistic, periodS }) => {
    const of = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`)
    return ['GetMetricData', namespace, metric, ...of, statistic, `of ${periodS} s`].join(' ')
  },
  alarms: () => 'DescribeAlarms in ALARM',
  'alarm-metric': ({ alarm }) => `DescribeAlarms ${alarm}, GetMetricData`,
  costs: ({ by }) => `GetCostAndUsage UnblendedCost by SERVICE, ${by === 'month' ? 'monthly' : 'daily'}`,
  forecast: () => 'GetCostForecast UNBLENDED_COST, daily',
  'alarm-history': ({ alarm }) => `DescribeAlarmHistory StateUpdate${alarm === undefined ? '' : ` of ${alarm}`}`,
  alerts: ({ since }) => `the router's table: changes since ${since}`,
  open: () => 'the router’s table: what fires now, and silences',
  changes: () => 'CloudTrail LookupEvents, ReadOnly=false',
  kept: ({ alarm }) => `the archive bucket: what was kept of ${alarm}`,
  health: ({ since }) => `AWS Health DescribeEvents: issues since ${since}`,
  stacks: ({ since }) => `DescribeStacks, updated since ${since}`,
  drills: () => 'the router’s table: drills',
  pipelines: ({ since }) => `ListPipelines, ListPipelineExecutions since ${since}`,
  backups: () => 'ListProtectedResources, ListBackupJobs, ListRestoreJobs',
  logs: ({ groups, query }) => `Logs Insights over ${groups.join(', ')}: ${query.replaceAll('\n', ' ')}`,
  guardduty: () => 'GuardDuty GetFindingsStatistics by SEVERITY, 7 and higher, not archived',
  'security-hub': () => 'Security Hub GetFindings: ACTIVE, NEW or NOTIFIED, HIGH or CRITICAL',
  'lambda-limits': () => 'Lambda GetAccountSettings, GetFunctionConcurrency',
  outdated: () => 'npm outdated --json',
  vulnerable: () => 'npm audit --json',
  functions: () => 'Lambda ListFunctions',
  invocations: () => 'Lambda ListFunctions, and GetMetricData AWS/Lambda Invocations of each',
  'function-sizes': () => 'Compute Optimizer GetLambdaFunctionRecommendations',
  certificates: ({ region }) =>
    `ACM ListCertificates of all key types${region === undefined ? '' : ` in ${region}`}, DescribeCertificate of those that are due`,
  patches: () => 'Systems Manager DescribeInstanceInformation, DescribeInstancePatchStates',
  quotas: ({ services }) => `ListServiceQuotas of ${services.join(', ')}, and GetMetricData of what each is used`,
}
