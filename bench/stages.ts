import { subscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { type Profiler, Session } from 'node:inspector/promises'

/*
 * Where the CPU of a process goes, by V8's sampling profiler: a sample belongs to the stage whose code is innermost on its
 * stack. Most code of an AWS client is shared by all of them, and runs when no code of ours is on the stack: such a sample
 * belongs to the call that is under way.
 */

export const STAGES = ['parse', 'decide', 'trace', 'table', 'publish', 'vendor', 'log', 'rest'] as const
export type Stage = (typeof STAGES)[number]

const CODE: [Stage, RegExp][] = [
  ['parse', /\/shared\/(parse|alert)\//],
  ['decide', /\/shared\/(decide|conditions|config)\//],
  ['table', /\/shared\/(store\/|aws\/table|aws\/direct\/dynamodb)|\/client-dynamodb\//],
  ['publish', /\/shared\/aws\/(topic|direct\/sns)|\/client-sns\//],
  ['vendor', /\/shared\/channels\/|\/@slack\/|\/@pagerduty\//],
  ['log', /\/shared\/observe\//],
]
/** It has no stage, whatever is under way; but not the code that hands a call on to a client. */
const REST = /\/(functions|@middy|@aws-lambda-powertools)\/|\/shared\/(?!aws\/)/
/** The trace decides again: what it calls is its own. */
const TRACE = /\/shared\/explain\//

/** A call to AWS or a vendor, in the clock of the profiler: microseconds. */
export interface Call {
  stage: Stage
  from: number
  to: number
}

const SAMPLE_US = 100
const nowUs = () => Number(process.hrtime.bigint() / 1_000n)

/** Notes the calls that are made from now on. To be called before the clients are. */
export async function watchCalls(): Promise<Call[]> {
  const calls: Call[] = []
  const watched = (stage: Stage, call: (...args: never[]) => Promise<unknown>) =>
    async function (this: unknown, ...args: never[]) {
      const one = { stage, from: nowUs(), to: Number.POSITIVE_INFINITY }
      calls.push(one)
      try {
        return await call.apply(this, args)
      } finally {
        one.to = nowUs()
      }
    }
  const [{ DynamoDBClient }, { SNSClient }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/client-sns'),
  ])
  for (const [stage, client] of [
    ['table', DynamoDBClient],
    ['publish', SNSClient],
  ] as const)
    Object.assign(client.prototype, { send: watched(stage, client.prototype.send as never) })
  watchVendors(calls)
  return calls
}

/** Requests that are not signed for AWS, by the channels of node:http. */
function watchVendors(calls: Call[]): void {
  const open = new WeakMap<ClientRequest, Call>()
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest }
    if (request.hasHeader('x-amz-date')) return
    const call: Call = { stage: 'vendor', from: nowUs(), to: Number.POSITIVE_INFINITY }
    open.set(request, call)
    calls.push(call)
  })
  subscribe('http.client.response.finish', (message) => {
    const call = open.get((message as { request: ClientRequest }).request)
    if (call) call.to = nowUs()
  })
}

/** The part of each stage in what `work` takes; waiting is no part of it. */
export async function profiled(work: () => Promise<void>, calls: Call[]): Promise<Record<Stage, number>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return partsOf(profile, calls)
}

/** As `profiled`, of what the profiler has recorded. Pure. */
export function partsOf(profile: Profiler.Profile, calls: Call[]): Record<Stage, number> {
  const stageAt = stageOfNodes(profile.nodes)
  const spent = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>
  const { samples = [], timeDeltas = [] } = profile
  let at = profile.startTime
  let total = 0
  let next = 0
  let open: Call[] = []
  samples.forEach((node, index) => {
    const took = timeDeltas[index] ?? 0
    at += took
    while ((calls[next]?.from ?? Number.POSITIVE_INFINITY) <= at) open.push(calls[next++] as Call)
    open = open.filter(({ to }) => to > at)
    const found = stageAt.get(node)
    if (found === 'idle') return
    total += took
    const stages = found === undefined && open.length > 0 ? open.map(({ stage }) => stage) : [found ?? 'rest']
    for (const stage of stages) spent[stage] += took / stages.length
  })
  return Object.fromEntries(STAGES.map((stage) => [stage, spent[stage] / total])) as Record<Stage, number>
}

/** By the id of a node; none where no code says it. */
function stageOfNodes(nodes: Profiler.ProfileNode[]): Map<number, Stage | 'idle' | undefined> {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)))
  return new Map(
    nodes.map((node) => {
      if (node.callFrame.functionName === '(idle)') return [node.id, 'idle']
      if (node.callFrame.functionName === '(garbage collector)') return [node.id, 'rest']
      const urls: string[] = []
      for (let up: typeof node | undefined = node; up; up = parents.get(up.id)) urls.push(up.callFrame.url)
      if (urls.some((url) => TRACE.test(url))) return [node.id, 'trace']
      const innermost = urls.find((url) => url !== '' && !url.startsWith('node:')) ?? ''
      for (const url of urls) for (const [stage, code] of CODE) if (code.test(url)) return [node.id, stage]
      return [node.id, REST.test(innermost) ? 'rest' : undefined]
    }),
  )
}
