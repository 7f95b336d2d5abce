import { setTimeout as sleep } from 'node:timers/promises'
import type { Publish } from './aws/alarm-states.ts'
import { type AwsData, withoutData } from './aws/data.ts'
import { Tables } from './aws/dynamodb.ts'
import { type Mode, refuseBy } from './aws/modes.ts'
import type { Asked, Operation } from './aws/operation.ts'
import { operationsOf } from './aws/operations.ts'
import { Refusal } from './aws/refusal.ts'
import { SERVICES } from './aws/services.ts'
import { keyOf } from './aws/sts.ts'
import { nameOf, operationOf, readInput, refused, scopeOf, written } from './aws/wire.ts'
import type { HttpAnswer, Request } from './exchange.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

/** What a report asks AWS, on one port: the services of `aws/operations.ts`. */
export interface AwsStandIn extends StandIn {
  /** The variables that lead the SDK's clients here, by service. */
  env: Record<string, string>
  /** The names of all that there is. */
  operations: string[]
  /** From now on, an operation answers in this way: `mode('GetFindings', { isOff: true })`. Without a mode, as usual. */
  mode(operation: string, mode?: Mode): void
  /** How many requests an operation has had, with those that were refused. */
  count(operation: string): number
}

interface Options {
  data: AwsData
  /** Of other accounts, by the ARN of the role that may be taken there. */
  accounts?: Record<string, AwsData>
  /** ms since 1970 */
  now?: () => number
  /** What the action of an alarm sends to a topic, when a state is set. Without it, nobody is sent anything. */
  publish?: Publish
}

/** Nobody can have these changed (CloudWatch User Guide, CloudWatch service quotas). */
const QUOTAS: Record<string, Mode> = { SetAlarmState: { perSecond: 3 } }

/** AWS as its services' own models describe them, over data of the caller's. */
export async function startAws({ data, accounts = {}, now = Date.now, publish }: Options): Promise<AwsStandIn> {
  const operations = operationsOf(publish)
  const modes = new Map(Object.entries(QUOTAS).map(([name, quota]) => [name, { ...quota }]))
  const tables = new Tables()

  async function answer(request: Request): Promise<HttpAnswer> {
    const operation = operationOf(operations, request)
    if (!operation) return unknown(request)
    const mode = modes.get(nameOf(operation)) ?? {}
    if (mode.after !== undefined) await (typeof mode.after === 'number' ? sleep(mode.after) : mode.after)
    const { key, region } = scopeOf(request)
    const { service } = operation
    const [, ofAccount = data] = Object.entries(accounts).find(([role]) => keyOf(role) === key) ?? []
    const has = mode.hasNoData ? withoutData(ofAccount) : ofAccount
    const asked = {
      data: has,
      now: new Date(now()),
      region,
      operation: nameOf(operation),
      service,
      roles: Object.keys(accounts),
      ...pageSizeOf(mode),
      ...(mode.isNarrow && { isNarrow: true }),
    }
    const refusal = refusedBy(mode, operation, asked)
    if (refusal) return refusal
    if (service === 'dynamoDb') return tables.answer(request, asked.data.alertItems)
    return answered(operation, mode, asked, request)
  }

  const standIn = await startStandIn({
    answer,
    capture: (request) => {
      const operation = operationOf(operations, request)
      return { path: operation ? nameOf(operation) : `${request.method} ${request.path}`, body: request.json }
    },
  })
  const env = Object.values(SERVICES).map(({ endpoint }) => [`AWS_ENDPOINT_URL_${endpoint}`, standIn.url])
  return {
    ...standIn,
    env: Object.fromEntries(env),
    operations: operations.map(nameOf),
    mode(name, mode) {
      const operation = operations.find((one) => nameOf(one) === name)
      if (!operation) throw new Error(`unknown operation "${name}": there are ${operations.map(nameOf).join(', ')}`)
      if (mode?.isOff && !operation.off) throw new Error(`${name} can't be off`)
      modes.set(name, { ...(mode ?? QUOTAS[name]) })
    },
    close: async () => {
      await Promise.all([standIn.close(), tables.stop()])
    },
    count: (name) => standIn.requests.filter(({ path }) => path === name).length,
  }
}

function pageSizeOf({ pageSize }: Mode): Pick<Asked, 'pageSize'> {
  return pageSize === undefined ? {} : { pageSize }
}

function refusedBy(mode: Mode, operation: Operation, asked: Asked): HttpAnswer | undefined {
  try {
    refuseBy(mode, operation, asked)
    return undefined
  } catch (error) {
    return refused(operation.service, error as Refusal)
  }
}

function answered(operation: Operation, mode: Mode, asked: Asked, request: Request): HttpAnswer {
  try {
    const input = readInput(operation, request)
    return written(operation, mode.isOff && operation.off ? operation.off(asked) : operation.answer(input, asked))
  } catch (error) {
    if (error instanceof Refusal) return refused(operation.service, error)
    // A fault of the data's or of a stand-in's: it should be seen where the request was made.
    return refused(operation.service, new Refusal('StandInFailure', `the stand-in failed: ${error}`, 501))
  }
}

function unknown({ method, path, headers }: Request): HttpAnswer {
  const what = headers['x-amz-target'] ?? `${method} ${path}`
  const message = `there is no stand-in for ${what} with content-type ${headers['content-type']}`
  return {
    status: 400,
    headers: { 'x-amzn-errortype': 'UnknownOperationException' },
    body: { __type: 'UnknownOperationException', message },
  }
}
