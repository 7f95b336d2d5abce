import type { Sample } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'
import type { Noise } from './noise.ts'
import type { LocalHour } from './rhythm.ts'

/** What a value depends on. */
export interface Course {
  times: FaultTimes
  clock: (time: number) => LocalHour
  /** 0 to 1 */
  activity: (time: number) => number
  noise: Noise
}

/** What a metric's interval holds; nothing when nothing was published. */
export type Level = (time: number) => Sample | undefined

const GIB = 2 ** 30
const DAY_MS = 86_400_000

/** One value in each interval. */
export function steady(value: (time: number) => number): Level {
  return (time) => ({ values: [value(time)] })
}

/** Most around the value, some above it: 90 %, 8 % and 2 % of `count` values. */
function spread(value: number, count: number): Sample {
  const rare = Math.round(count * 0.02)
  const some = Math.round(count * 0.08)
  return { values: [value, value * 1.5, value * 2.5], counts: [count - some - rare, some, rare] }
}

/** Rounded by chance, so that small rates give a count now and then. */
function counted(expected: number, chance: number): number {
  return Math.floor(expected + chance)
}

/** How many invocations a function has in a minute. */
export function invocations({ activity, noise }: Course, perMinute: number): (time: number) => number {
  return (time) => counted(perMinute * activity(time) * (0.9 + 0.2 * noise(time)), 0.5)
}

/** The share of a function's invocations that fail: few, and of the faulty one ever more since the deployment. */
export function errorShare({ times }: Course, isFaulty: boolean): (time: number) => number {
  return (time) => {
    if (!isFaulty || time < times.errors) return 0.0003
    return 0.0003 + (0.0297 * (time - times.errors)) / (times.now - times.errors)
  }
}

/** Of each invocation, 0 or 1, as Lambda publishes it. */
export function errorsOf(count: (time: number) => number, share: (time: number) => number, noise: Noise): Level {
  return (time) => {
    const all = count(time)
    const bad = Math.min(all, counted(all * share(time), noise(time)))
    return all === 0 ? undefined : { values: [0, 1], counts: [all - bad, bad] }
  }
}

/** What the shipped file's own metrics hold. A metric that is not here has values by its unit. */
export const OWN: Record<string, (course: Course) => Level> = {
  availability: ({ times }) => steady((time) => (time >= times.outage.from && time < times.outage.to ? 50 : 100)),
  quality: ({ times, noise }) =>
    every(5, (time) => ({ values: [(time >= times.quality ? 91 : 97) + 2 * noise(time)] })),
  records: ({ activity, noise }) =>
    every(5, (time) => ({ values: [Math.round(40_000 * activity(time) * (0.9 + 0.2 * noise(time)))] })),
  'batch-latency': ({ activity, noise }) => every(5, (time) => spread(60 + 30 * activity(time) + 10 * noise(time), 20)),
  'streaming-latency':
    ({ clock, noise }) =>
    (time) => {
      const { hour } = clock(time)
      return spread((hour >= 18 && hour < 22 ? 24 : 8) + 2 * noise(time), 50)
    },
  'time-to-insight': ({ activity, noise }) =>
    every(15, (time) => ({ values: [5_400 + 3_600 * activity(time) + 600 * noise(time)] })),
  'data-loss':
    ({ times }) =>
    (time) =>
      time === times.dataLoss ? { values: [1], counts: [2] } : undefined,
  'active-users': ({ activity, noise }) => steady((time) => Math.round(160 * activity(time) + 10 * noise(time))),
}

function every(minutes: number, level: Level): Level {
  return (time) => (Math.floor(time / 60_000) % minutes === 0 ? level(time) : undefined)
}

const around = (base: number, busy: number, wide: number) => (course: Course) =>
  steady((time) => base + busy * course.activity(time) + wide * (course.noise(time) - 0.5))

/** What AWS publishes for services, apart from functions' invocations and errors. */
export const OF_AWS: Record<string, (course: Course) => Level> = {
  'AWS/Lambda Throttles': () => steady(() => 0),
  'AWS/Lambda Duration':
    ({ activity, noise }) =>
    (time) =>
      spread(180 + 120 * activity(time) + 40 * noise(time), 60),
  'AWS/Lambda ConcurrentExecutions': ({ activity, noise }) =>
    steady((time) => Math.round(120 * activity(time) + 5 * noise(time))),
  'AWS/Lambda IteratorAge': around(1_500, 3_000, 500),
  'AWS/ECS CPUUtilization': around(70, 9, 6),
  'AWS/ECS MemoryUtilization': around(58, 6, 2),
  'AWS/RDS CPUUtilization': around(70, 10, 6),
  'AWS/RDS DatabaseConnections': around(20, 60, 6),
  'AWS/RDS FreeStorageSpace': ({ times }) =>
    steady((time) => Math.max(0, ((times.storageFull - time) / DAY_MS) * 10 * GIB)),
  'AWS/RDS FreeableMemory': around(6 * GIB, -2 * GIB, 0.2 * GIB),
  'AWS/RDS ReadLatency': around(0.001, 0.003, 0.0005),
  'AWS/S3 BucketSizeBytes': ({ times }) => steady((time) => (2_000 + (4 * (time - times.since)) / DAY_MS) * GIB),
  'AWS/S3 NumberOfObjects': ({ times }) =>
    steady((time) => Math.round(1_200_000 + (3_000 * (time - times.since)) / DAY_MS)),
  'AWS/SQS ApproximateAgeOfOldestMessage': around(5, 40, 10),
  'AWS/SQS ApproximateNumberOfMessagesVisible': around(2, 60, 10),
  'AWS/SQS NumberOfMessagesSent': ({ activity, noise }) =>
    steady((time) => Math.round(300 * activity(time) + 20 * noise(time))),
}

/** For metrics that this demo does not know. */
export const OTHERWISE = around(50, 20, 10)
