import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { BATCH_SIZE } from '../../deploy/deliverers.ts'
import { bundling } from '../../deploy/esbuild.ts'
import { EVIDENCE } from '../../deploy/evidence-queue.ts'
import type { Config } from '../../schemas/config.ts'
import { queueVariable } from '../../shared/aws/queue-variable.ts'
import { CREDENTIALS_ENVIRONMENT } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import type { FromFunction, ToFunction } from '../function-process.ts'
import { endWithThis } from '../temporary.ts'
import { FUNCTION_OF, type QueueName, queueArn, TICK } from '../topology.ts'
import { CLOUDWATCH_TOPIC } from './cloudwatch.ts'
import type { Random } from './random.ts'

/** Shorter than deployed, so that a run need not wait minutes for the messages of a killed worker. */
const FUNCTION_TIMEOUT_MS = 6_000
export const VISIBILITY_TIMEOUT_S = 8
/** The deployed maximum concurrency (serverless.yml) for a channel; more for `route` would not fit two cores. */
const PROCESSES_OF_A_FUNCTION = 2
/** Every minute, as deployed, would make a run minutes long. */
const TICK_EVERY_MS = 2_000

/** Every five minutes, as deployed, would make a run half an hour long; so does the time between its two looks. */
const RECONCILE_EVERY_MS = 1_000
const RECONCILE_GRACE_S = 2
/** Of a thousand alarms that have changed, two runs at once read the history at CloudWatch's rate for more than a minute. */
const RECONCILE_TIMEOUT_MS = 120_000

/** As deployed (deploy/inbox.ts). */
const INBOX_TIMEOUT_MS = 5_000

/**
 * What runs in processes: the functions of queues, the clock, what compares with CloudWatch, what follows alerts, and where
 * people answer.
 */
type Fed = QueueName | 'clock' | 'reconcile' | 'evidence' | 'inbox'

/** Bundles the functions as they are packaged, into a folder. */
export async function bundleFunctions(folder: string, queues: QueueName[]): Promise<void> {
  const others = [TICK.functionName, 'reconcile', EVIDENCE.functionName, 'inbox']
  const names = [...queues.map((queue) => FUNCTION_OF[queue]), ...others]
  await build({
    ...bundling,
    entryPoints: Object.fromEntries(names.map((name) => [name, `functions/${name}.ts`])),
    outdir: folder,
  })
}

export interface Workers {
  /** Ends one process of each function. Another replaces it, as whenever a started process exits. */
  endSome(signal: 'SIGKILL' | 'SIGTERM', random: Random): void
  /** Ends what compares with CloudWatch. Others replace it. */
  killReconcilers(): void
  /** Ends all processes of what follows alerts; others replace them. */
  endEvidence(): void
  /** Pushes other rules. */
  push(config: Config): void
  /** From now on the functions' clocks are ahead of the machine's by this much. */
  shiftClocks(ms: number): void
  /** The functions' time, ms since 1970. */
  now(): number
  /** A request to the inbox's URL; `undefined`: it did not answer. */
  ask(event: object): Promise<unknown>
  /** Stops the clock that runs `tick`, or starts it again. */
  stopTicks(): Promise<void>
  startTicks(): void
  /** How many messages the functions received, per queue; a redelivery is not counted again. */
  given: Record<string, number>
  /** How processes ended: by `endSome`, per function; by the timeout of an invocation; unexpectedly. */
  ends: { asked: Record<string, number>; timedOut: number; crashed: number }
  /**
   * What handlers threw. Middy throws when their timeout is near. Nobody waits for the response of `tick` or
   * `reconcile`, which throw when they leave something to their next run.
   */
  thrown: string[]
  stop(): Promise<void>
}

/** The processes of one run, and their outcome. */
interface Staff {
  folder: string
  /** The state of each process, besides its clock's shift. */
  env: NodeJS.ProcessEnv
  ofInbox: NodeJS.ProcessEnv
  running: Map<ChildProcess, Fed>
  given: Workers['given']
  ends: Workers['ends']
  thrown: string[]
  clockShiftMs: number
  /** The inbox's processes that answer nobody now, and who waits for one. */
  free: ChildProcess[]
  asking: ((worker: ChildProcess) => void)[]
  isStopping: boolean
  isTicking: boolean
}

interface Wanted {
  /** Where the bundles are. */
  folder: string
  queues: QueueName[]
  config: Config
  shiftMs: number
  /** How many compare with CloudWatch at once. */
  reconcilers: number
  /** Whether what follows alerts runs, too. */
  hasEvidence: boolean
  /** Where people answer, and how it differs from the others' environment; absent: nowhere. */
  inbox: Record<string, string> | undefined
}

/**
 * Each function in its own processes, on an engine elsewhere: they can die while the queues live on. As on Lambda, a
 * process handles one batch at a time.
 */
export async function startWorkers(
  { environment, certificate }: Pick<Engine, 'environment' | 'certificate'>,
  wanted: Wanted,
): Promise<Workers> {
  const { staff, configFile } = staffFor({ environment, certificate }, wanted)
  await Promise.all(startAll(wanted, staff).map(ready))
  return {
    endSome(signal, random) {
      for (const fed of [...wanted.queues, 'clock' as const]) {
        const all = processesOf(fed, staff)
        if (all.length > 0) all[random.int(all.length)]?.kill(signal)
      }
    },
    killReconcilers() {
      for (const process of processesOf('reconcile', staff)) process.kill('SIGKILL')
    },
    endEvidence() {
      for (const worker of processesOf('evidence', staff)) worker.kill('SIGKILL')
    },
    push: (rules) => push(rules, configFile),
    shiftClocks(ms) {
      staff.clockShiftMs = ms
      const { running } = staff
      for (const worker of running.keys()) if (worker.connected) worker.send({ shiftMs: ms } satisfies ToFunction)
    },
    now: () => Date.now() + staff.clockShiftMs,
    ask: (event) => ask(event, staff),
    async stopTicks() {
      staff.isTicking = false
      await kill(processesOf('clock', staff))
    },
    startTicks() {
      staff.isTicking = true
      start('clock', staff)
    },
    given: staff.given,
    ends: staff.ends,
    thrown: staff.thrown,
    async stop() {
      staff.isStopping = true
      await kill([...staff.running.keys()])
    },
  }
}

/** Nobody works yet. */
function staffFor(
  { environment, certificate }: Pick<Engine, 'environment' | 'certificate'>,
  { folder, config, shiftMs, inbox }: Wanted,
): { staff: Staff; configFile: string } {
  const certificateFile = join(folder, 'ca.pem')
  const configFile = join(folder, 'alerts.json')
  writeFileSync(certificateFile, certificate)
  push(config, configFile)
  const platformFile = join(folder, 'platform.json')
  writeFileSync(platformFile, '{}')
  const staff: Staff = {
    folder,
    env: {
      PATH: process.env.PATH,
      ...environment,
      ...CREDENTIALS_ENVIRONMENT,
      CONFIG_FILE: configFile,
      PLATFORM_FILE: platformFile,
      GRACE_S: String(RECONCILE_GRACE_S),
      ROUTE_FUNCTION_ARN: 'arn:aws:lambda:eu-west-1:123456789012:function:route',
      LOG_LEVEL: 'SILENT',
      NODE_EXTRA_CA_CERTS: certificateFile,
      ...(inbox && { INBOX: 'on' }),
    },
    ofInbox: inbox ?? {},
    running: new Map(),
    given: {},
    ends: { asked: {}, timedOut: 0, crashed: 0 },
    thrown: [],
    clockShiftMs: shiftMs,
    free: [],
    asking: [],
    isStopping: false,
    isTicking: true,
  }
  return { staff, configFile }
}

function startAll(
  { queues, reconcilers, hasEvidence, inbox }: Pick<Wanted, 'queues' | 'reconcilers' | 'hasEvidence' | 'inbox'>,
  staff: Staff,
): ChildProcess[] {
  const many = (count: number, fed: Fed) => Array.from({ length: count }, () => start(fed, staff))
  return [
    ...queues.flatMap((queue) => many(PROCESSES_OF_A_FUNCTION, queue)),
    ...many(1, 'clock'),
    ...many(reconcilers, 'reconcile'),
    // One: the machine's two cores are for the alerts.
    ...many(hasEvidence ? 1 : 0, 'evidence'),
    ...many(inbox ? PROCESSES_OF_A_FUNCTION : 0, 'inbox'),
  ]
}

/** By the next of its processes that is free. */
async function ask(event: object, staff: Staff): Promise<unknown> {
  const worker = staff.free.pop() ?? (await new Promise<ChildProcess>((resolve) => void staff.asking.push(resolve)))
  const answer = answerOf(worker)
  worker.send({ ask: event } satisfies ToFunction)
  try {
    return await answer
  } finally {
    if (worker.connected) isFree(worker, staff)
  }
}

/** `undefined`: it has exited before. */
function answerOf(worker: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    const done = (answer?: unknown) => {
      worker.off('message', heard).off('exit', gone)
      resolve(answer)
    }
    const heard = (message: FromFunction) => {
      if (typeof message === 'object' && 'answer' in message) done(message.answer)
    }
    const gone = () => done()
    worker.on('message', heard).once('exit', gone)
  })
}

function isFree(worker: ChildProcess, { free, asking }: Staff): void {
  const next = asking.shift()
  if (next) next(worker)
  else free.push(worker)
}

function push(rules: Config, file: string): void {
  writeFileSync(`${file}.new`, JSON.stringify(rules))
  // Atomically: nobody reads half of it.
  renameSync(`${file}.new`, file)
}

/** Starts a process, and replaces it when it exits. */
function start(fed: Fed, staff: Staff): ChildProcess {
  const { folder, env, running, given, ends, thrown } = staff
  const source = sourceOf(fed, env)
  const bundle = join(folder, `${source.functionName}.js`)
  const worker = endWithThis(
    fork('local/function-process.ts', [bundle, JSON.stringify(source)], {
      env: {
        ...env,
        CLOCK_SHIFT_MS: String(staff.clockShiftMs),
        ...(fed === 'reconcile' && { ALARMS_TOPIC_ARN: CLOUDWATCH_TOPIC }),
        ...(fed === 'inbox' && staff.ofInbox),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  )
  running.set(worker, fed)
  let isReady = false
  worker.on('message', (message: FromFunction) => {
    if (message === 'ready') {
      isReady = true
      if (fed === 'inbox') isFree(worker, staff)
    } else if ('answer' in message) return
    else if ('records' in message) given[fed] = (given[fed] ?? 0) + message.records
    else if (fed !== 'clock' && fed !== 'reconcile' && fed !== 'evidence') thrown.push(message.threw)
  })
  worker.once('exit', (code, signal) => {
    running.delete(worker)
    if (staff.isStopping || (fed === 'clock' && !staff.isTicking)) return
    // It may die as it likes: nothing of it counts.
    if (signal !== null || fed === 'evidence') ends.asked[fed] = (ends.asked[fed] ?? 0) + 1
    else if (code === 124) ends.timedOut++
    else ends.crashed++
    // A process that fails to start would fail the next time too.
    if (isReady || signal !== null) start(fed, staff)
  })
  return worker
}

function sourceOf(fed: Fed, env: NodeJS.ProcessEnv) {
  if (fed === 'reconcile') {
    return { functionName: 'reconcile', timeoutMs: RECONCILE_TIMEOUT_MS, everyMs: RECONCILE_EVERY_MS }
  }
  if (fed === 'inbox') return { functionName: 'inbox', timeoutMs: INBOX_TIMEOUT_MS, hasUrl: true }
  if (fed === 'clock') return { ...TICK, timeoutMs: TICK.timeoutS * 1_000, everyMs: TICK_EVERY_MS }
  const queue = { queueUrl: env[`${queueVariable(fed)}_QUEUE_URL`], queueArn: queueArn(fed) }
  if (fed === 'evidence') {
    const { functionName, batchSize } = EVIDENCE
    return { ...queue, functionName, timeoutMs: FUNCTION_TIMEOUT_MS, batchSize, concurrency: 1 }
  }
  return {
    ...queue,
    functionName: FUNCTION_OF[fed],
    timeoutMs: FUNCTION_TIMEOUT_MS,
    batchSize: BATCH_SIZE,
    concurrency: 1,
  }
}

async function ready(worker: ChildProcess): Promise<void> {
  const failed = once(worker, 'exit').then(([code]) => {
    throw new Error(`a function's process exited with ${code} before it was ready`)
  })
  await Promise.race([once(worker, 'message'), failed])
}

function processesOf(fed: Fed, { running }: Staff): ChildProcess[] {
  return [...running].flatMap(([worker, feeds]) => (feeds === fed ? [worker] : []))
}

async function kill(workers: ChildProcess[]): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      const gone = once(worker, 'exit')
      worker.kill('SIGKILL')
      await gone
    }),
  )
}
