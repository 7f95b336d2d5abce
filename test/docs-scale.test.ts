import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { BATCH_SIZE, deliverers } from '../deploy/deliverers.ts'
import { EVIDENCE } from '../deploy/evidence-queue.ts'
import { FACTS } from '../shared/channels/types.ts'
import { DUE_SHARDS } from '../shared/store/due-index.ts'
import { proseOf } from './doc-pages.ts'
import type { Json } from './stack.ts'

/* The figures of docs/scale.md follow from the stack's settings: who changes one, reads here what the page says of it. */

const page = proseOf('docs/scale.md').replaceAll(/\s+/g, ' ')
const service: Json = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' })
const route = service.functions.find((one: Json) => one.route).route.events[0].sqs
const concurrencyOf = (one: Json): number => one.events[0].sqs.maximumConcurrency
const ofDeliverers = Object.values<Json>(deliverers()).map(concurrencyOf)
const [ofOne = 0] = ofDeliverers

const { perMinute, burst } = FACTS.pagerduty.pace
const AN_HOUR = 60 * perMinute
/** The most that one digest takes (shared/deliver/backlog.ts reserves 60 ms for each). */
const DIGEST = (FACTS.slack.queue.timeoutS * 1_000) / 60
/** A guess (docs/cost.md). */
const ROUTE_MS = 50
const number = (value: number) => value.toLocaleString('en-US')

test.each([
  ['PagerDuty’s pace', `the router sends ${perMinute}, with bursts of ${burst}: ${number(AN_HOUR)} an hour`],
  ['its alarms', `**${number(AN_HOUR / 2)} alarms an hour for a key**`],
  ['when its backlog exceeds patience', `(${perMinute * 5} events for 5 minutes)`],
  ['when it becomes dead letters', `from ${number(24 * AN_HOUR)} events`],
  ['groups at once', `**${Math.floor(perMinute / 4)} for a key** (${perMinute} / 4)`],
  ['messages of Slack', `an hour has ${number(60 * FACTS.slack.pace.perMinute)} messages`],
  ['a digest', `up to ${DIGEST} alerts`],
  ['the functions of a type', `${ofOne} × ${DIGEST} / ${FACTS.slack.queue.timeoutS} s = 33 alerts a second`],
  [
    'the same in an hour',
    `**${number((ofOne * DIGEST * 3_600) / FACTS.slack.queue.timeoutS)} an hour, for all channels of the type together**`,
  ],
  ['route', `**${number((route.maximumConcurrency * 1_000 * 3_600) / ROUTE_MS)} an hour**`],
  ['batches of route', `${route.maximumConcurrency} × ${route.batchSize} / 0.5 s = 200 changes a second`],
  [
    'the shards',
    `in ${DUE_SHARDS.length === 8 ? 'eight' : DUE_SHARDS.length} shards | ${DUE_SHARDS.length} × 1,000 a second`,
  ],
  [
    'all queues',
    `use at most ${route.maximumConcurrency + ofDeliverers.reduce((a, b) => a + b) + 2} functions at once`,
  ],
])('says what follows from the settings: %s', (_what, text) => {
  expect(page).toContain(text)
})

test('of settings that are the same for all', () => {
  expect([...new Set(ofDeliverers)]).toEqual([ofOne])
  expect([route.batchSize, BATCH_SIZE]).toEqual([10, 10])
  expect([FACTS.email, FACTS['slack-app']].map(({ pace, queue }) => [pace.perMinute, queue.timeoutS])).toEqual([
    [FACTS.slack.pace.perMinute, FACTS.slack.queue.timeoutS],
    [FACTS.slack.pace.perMinute, FACTS.slack.queue.timeoutS],
  ])
  expect(EVIDENCE.batchSize).toBe(1)
})
