import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SQSEvent, SQSRecord } from 'aws-lambda'
import { build } from 'esbuild'
import { bundling } from '../deploy/esbuild.ts'
import type { StandIn } from '../local/stand-ins/stand-in.ts'
import { FUNCTION_OF } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import { type Peer, peerEnvironment, startWebhook } from './peers.ts'
import { median, type Ratio, ratioOf } from './ratio.ts'
import { type Program, type Run, runProcess } from './run-process.ts'
import { type Stop, startWay, WAY, type Way } from './way.ts'

/*
 * What a person waits for when an alarm comes after a quiet night: a process starts, loads a function's bundle, handles the
 * alarm up to the last answer, and ends. AWS and the vendors are stand-ins, reached by TLS as in life. On AWS an alarm takes
 * `route` and then a deliverer, each of which may have to start; a peer is one function.
 */

/** Of all processes that did the same. */
export interface FirstAlarm {
  name: string
  /** Medians; `ms`: from the start of the process to its end. A bare one does not say what it took. */
  ms: number
  cpuMs: number | undefined
  mb: number | undefined
  /** Over a process that loads nothing. */
  overBare: Ratio
  /** Time and CPU over those of a peer, by its name. */
  overPeers: Partial<Record<Peer['name'], { time: Ratio; cpu: Ratio }>>
}

/** Rounds that warm the machine's caches, and are not counted. */
const WARM_UPS = 2
const INVOKE = fileURLToPath(new URL('invoke.cjs', import.meta.url))

/** A critical alarm to PagerDuty and Slack, in turns with a bare process and the peers. */
export async function firstAlarms(
  folder: string,
  config: Config,
  peers: Peer[],
  rounds: number,
): Promise<FirstAlarm[]> {
  await bundleWay(folder)
  const way = await startWay(folder, config)
  const webhook = await startWebhook(way.certificate)
  const environment = peerEnvironment(webhook, way.certificate.cert, folder)
  const theirs = peers.map((peer) => ({ ...peer, environment: { ...environment, ...peer.environment } }))
  const runs: Record<string, Run[]> = {}
  try {
    for (let round = -WARM_UPS; round < rounds; round++) {
      const name = `first-alarm-${round + WARM_UPS}`
      const all = await oneAlarm(name, folder, way, (alarm) => alarmToPeers(name, folder, { theirs, webhook }, alarm))
      if (round < 0) continue
      for (const [subject, run] of Object.entries(all)) runs[subject] = [...(runs[subject] ?? []), run]
    }
  } finally {
    await Promise.all([way.stop(), webhook.close()])
  }
  return Object.keys(runs).map((name) => summed(name, runs, peers))
}

/** The functions' bundles, as they are packaged, by the queue that each reads. */
export async function bundleWay(folder: string): Promise<void> {
  await build({
    ...bundling,
    entryPoints: Object.fromEntries(WAY.map((queue) => [queue, `functions/${FUNCTION_OF[queue]}.ts`])),
    outdir: join(folder, 'way'),
  })
}

export const bundleOf = (folder: string, queue: Stop): string => join(folder, 'way', `${queue}.js`)

function summed(name: string, runs: Record<string, Run[]>, peers: Peer[]): FirstAlarm {
  const all = (of: string, key: keyof Run) => (runs[of] ?? []).flatMap((run) => run[key] ?? [])
  const times = all(name, 'ms')
  const [cpu, mb] = [all(name, 'cpuMs'), all(name, 'mb')]
  const overPeers = peers.map(({ name: peer }) => {
    return [peer, { time: ratioOf(times, all(peer, 'ms')), cpu: ratioOf(cpu, all(peer, 'cpuMs')) }] as const
  })
  return {
    name,
    ms: median(times),
    cpuMs: cpu.length > 0 ? median(cpu) : undefined,
    mb: mb.length > 0 ? median(mb) : undefined,
    overBare: ratioOf(times, all('bare node', 'ms')),
    overPeers: Object.fromEntries(overPeers),
  }
}

type Runs = Record<string, Run>

/** Each process of a cold start, once. */
async function oneAlarm(
  name: string,
  folder: string,
  way: Way,
  toOthers: (alarm: SQSRecord) => Promise<Runs>,
): Promise<Runs> {
  await way.publish(name)
  const bare = await runProcess(folder, {
    ...{ name: 'node', program: process.execPath, args: ['-e', '0'] },
    environment: way.environment,
  })
  const alarm = await way.take('alarms')
  const run = (queue: Stop, record: SQSRecord) => runOurs(queue, { Records: [record] }, folder, way)
  const route = await run('alarms', alarm)
  const pagerduty = await run('pagerduty', await way.take('pagerduty'))
  const slack = await run('slack', await way.take('slack'))
  const both = (a: Run, b: Run): Run => ({
    ms: a.ms + b.ms,
    cpuMs: (a.cpuMs ?? 0) + (b.cpuMs ?? 0),
    mb: Math.max(a.mb ?? 0, b.mb ?? 0),
  })
  return {
    'bare node': bare,
    ...(await toOthers(alarm)),
    route,
    'deliver-pagerduty': pagerduty,
    'deliver-slack': slack,
    'route, then deliver-pagerduty': both(route, pagerduty),
    'route, then deliver-slack': both(route, slack),
  }
}

/** @throws {Error} if a deliverer's vendor has accepted nothing; of `route`, the queues of the deliverers show it. */
async function runOurs(queue: Stop, event: SQSEvent, folder: string, way: Way): Promise<Run> {
  const name = FUNCTION_OF[queue]
  const before = queue === 'alarms' ? 0 : way.accepted(queue)
  const run = await runProcess(
    folder,
    { name, program: process.execPath, args: [INVOKE, bundleOf(folder, queue)], environment: way.environment },
    event,
  )
  if (queue !== 'alarms' && way.accepted(queue) !== before + 1) throw new Error(`${name} delivered nothing`)
  return run
}

/** The same alarm, to each peer by SNS. @throws {Error} if it has not arrived. */
async function alarmToPeers(
  name: string,
  folder: string,
  { theirs, webhook }: { theirs: (Peer & Program)[]; webhook: StandIn },
  alarm: SQSRecord,
): Promise<Runs> {
  const runs: Runs = {}
  for (const peer of theirs) {
    const before = webhook.requests.length
    runs[peer.name] = await runProcess(folder, peer, bySns(alarm))
    const came = webhook.requests.slice(before).filter(({ body }) => String(body).includes(name))
    if (came.length !== 1) throw new Error(`${peer.name} delivered ${came.length} times in place of once`)
  }
  return runs
}

/** An event as SNS gives it to a function that it invokes. */
function bySns({ body }: SQSRecord) {
  const { SigningCertURL, UnsubscribeURL, ...envelope } = JSON.parse(body)
  const Sns = {
    ...envelope,
    SigningCertUrl: SigningCertURL,
    UnsubscribeUrl: UnsubscribeURL,
    MessageAttributes: {},
  }
  const EventSubscriptionArn = `${envelope.TopicArn}:00000000-0000-4000-8000-000000000000`
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn, Sns }] }
}
