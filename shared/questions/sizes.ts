import type { Platform } from '../../schemas/platform.ts'
import type { Proposal } from './answer.ts'
import type { FunctionSize, LambdaFunction } from './ask.ts'
import { daily } from './daily.ts'
import { figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { regionOf, updateOf } from './runtimes.ts'
import { shell } from './shell.ts'
import { DAY_MS, lastDays } from './spans.ts'

/** So long without use: a job of each month has run in it. */
const IDLE_DAYS = 35

/** What costs more than it has to: too much memory, or not used at all. */
export function sizes(context: Context): Question[] {
  return [
    question({
      id: 'sizes',
      title: 'Memory of functions',
      asks: { sizes: { kind: 'function-sizes' } },
      answer: ({ sizes: found }) => sized(found),
    }),
    question({
      id: 'idle functions',
      title: 'Functions that nobody invokes',
      asks: { functions: { kind: 'invocations', ...lastDays(context.now, IDLE_DAYS) } },
      answer: ({ functions }) => idle(functions, context.now),
    }),
    ...named(context.platform, 'queue').map((name) => quietQueue(context, name)),
    ...named(context.platform, 'rds').map((name) => quietDatabase(context, name)),
  ]
}

const named = ({ services }: Platform, type: string): string[] =>
  Object.entries(services).flatMap(([name, service]) => (service.type === type ? [name] : []))

/** `arn:aws:lambda:eu-west-1:123456789012:function:NAME:$LATEST` */
const nameIn = (arn: string): string => arn.split(':')[6] ?? arn

function sized(found: FunctionSize[]) {
  if (found.length === 0) return { verdict: 'no data' as const, says: 'Compute Optimizer knows no function yet' }
  const other = found.flatMap((one) =>
    one.better === undefined || one.better === one.memory ? [] : [{ ...one, better: one.better }],
  )
  const dollars = other.reduce((sum, one) => sum + Math.max(0, one.dollars ?? 0), 0)
  const bound = 'as Compute Optimizer recommends'
  if (other.length === 0)
    return { verdict: 'good' as const, says: `${found.length} have the memory that they need`, bound }
  const names = (of: typeof other) => of.map(({ arn }) => nameIn(arn)).join(', ')
  const { less = [], more = [] } = Object.groupBy(other, (one) => (one.better < one.memory ? 'less' : 'more'))
  const todos = [
    ...(less.length > 0 ? [`Give ${names(less)} less memory`] : []),
    ...(more.length > 0 ? [`Give ${names(more)} more memory`] : []),
  ]
  return {
    verdict: 'bad' as const,
    says: `${other.length} of ${found.length} could be of another size${dollars > 0 ? `: ${figure(dollars, 'USD')} a month less` : ''}`,
    bound,
    todo: todos.join('; '),
    proposals: other.map(sizeOf),
    table: {
      head: ['function', 'has', 'needs', 'saves in a month'],
      rows: other.map(({ arn, memory, better, dollars: saved, percent }) => [
        nameIn(arn),
        `${memory} MB`,
        `${better} MB`,
        saved === undefined
          ? ''
          : `${figure(saved, 'USD')}${percent === undefined ? '' : ` (${Math.round(percent)} %)`}`,
      ]),
    },
  }
}

function sizeOf({ arn, memory, better, dollars, days }: FunctionSize & { better: number }): Proposal {
  const name = nameIn(arn)
  const change = (size: number) => updateOf(name, arn, { 'memory-size': String(size) })
  const isLess = better < memory
  return {
    command: change(better),
    effect: `${name} has ${better} MB in place of ${memory}`,
    ...(isLess &&
      dollars !== undefined && { saving: `${figure(dollars, 'USD')} a month, as Compute Optimizer estimates` }),
    risk: `${isLess ? 'less memory is less CPU, too: it may take longer. ' : 'it may cost more. '}${days} days were observed: a larger input may need more. Change its template, too`,
    back: change(memory),
  }
}

function idle(functions: (LambdaFunction & { invocations: number })[], now: Date) {
  if (functions.length === 0) return { verdict: 'shown' as const, says: 'there are no functions' }
  if (functions.every(({ invocations }) => invocations === 0)) {
    return { verdict: 'no data' as const, says: `no invocation of any of ${functions.length} functions was published` }
  }
  const isNew = ({ modified }: LambdaFunction) =>
    modified !== undefined && now.getTime() - Date.parse(modified) < IDLE_DAYS * DAY_MS
  // A deliverer waits for its first page, and the router must not be switched off for it.
  const isRouter = ({ name }: LambdaFunction) => name.startsWith('alert-router-')
  const quiet = functions.filter((one) => one.invocations === 0 && !isNew(one) && !isRouter(one))
  const bound = `invoked within ${IDLE_DAYS} days`
  if (quiet.length === 0) return { verdict: 'good' as const, says: 'none', bound }
  return {
    verdict: 'bad' as const,
    says: `${quiet.length} of ${functions.length}: ${quiet.map(({ name }) => name).join(', ')}`,
    bound,
    todo: `Ask who needs ${quiet.map(({ name }) => name).join(', ')}, and delete what nobody does`,
    proposals: quiet.map(({ name, arn }) => ({
      command: shell('aws lambda put-function-concurrency', {
        ...{ 'function-name': name, 'reserved-concurrent-executions': '0', ...regionOf(arn) },
      }),
      effect: `${name} is switched off, and nothing is deleted: who needs it after all, notices`,
      saving: 'little money; one function fewer to patch and to watch',
      risk: 'what runs once a quarter fails, as it is throttled',
      back: shell('aws lambda delete-function-concurrency', { 'function-name': name, ...regionOf(arn) }),
    })),
  }
}

/** A queue costs nothing while nobody uses it. */
function quietQueue(context: Context, name: string): Question {
  return question({
    id: `idle ${name}`,
    title: `Use of ${name}`,
    asks: { sent: daily(context, `${name}.NumberOfMessagesSent`, 'Sum') },
    answer: ({ sent: points }) => {
      const recent = points.slice(-IDLE_DAYS)
      if (recent.length === 0)
        return { verdict: 'no data', says: `SQS has published nothing: no queue, or not used for long` }
      const all = recent.reduce((sum, [, value]) => sum + value, 0)
      return {
        verdict: all > 0 ? 'good' : 'bad',
        says:
          all > 0 ? `${figure(all, 'Count')} messages in ${recent.length} days` : `no message in ${recent.length} days`,
        bound: 'used',
        ...(all === 0 && { todo: `Ask who needs the queue ${name}, and delete it if nobody does` }),
      }
    },
  })
}

function quietDatabase(context: Context, name: string): Question {
  const service = context.platform.services[name]
  const instance = service?.type === 'rds' ? service.instance : name
  return question({
    id: `idle ${name}`,
    title: `Use of ${name}`,
    asks: { connections: daily(context, `${name}.DatabaseConnections`, 'Maximum') },
    answer: ({ connections }) => {
      const recent = connections.slice(-IDLE_DAYS)
      if (recent.length === 0) return { verdict: 'no data', says: 'nothing was published' }
      const peak = Math.max(...recent.map(([, value]) => value))
      const bound = 'used'
      if (peak > 0)
        return {
          verdict: 'good',
          says: `${figure(peak, 'Count')} connections at the peak of ${recent.length} days`,
          bound,
        }
      const command = (what: string) => shell(`aws rds ${what}-db-instance`, { 'db-instance-identifier': instance })
      return {
        verdict: 'bad',
        says: `no connection in ${recent.length} days`,
        bound,
        todo: `Ask who needs the database ${name}; stop it, or make a last snapshot and delete it`,
        proposals: [
          {
            command: command('stop'),
            effect: `${name} is stopped, with its data. AWS starts it again after seven days`,
            saving: 'the hours of the instance; its storage still costs',
            risk: 'who connects next, fails',
            back: command('start'),
          },
        ],
      }
    },
  })
}
