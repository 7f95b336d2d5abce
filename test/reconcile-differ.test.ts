import { describe, expect, test } from 'vitest'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { alarmOf } from '../shared/estate/alarm.ts'
import { historyItemOf } from '../shared/estate/past.ts'
import { drillReason } from '../shared/parse/drill.ts'
import { type Difference, differenceOf } from '../shared/reconcile/differ.ts'
import { orderOf } from '../shared/reconcile/order.ts'
import type { Around, Seen } from '../shared/reconcile/seen.ts'

/** Whether CloudWatch and the table differ about an alarm, and what is handed over of it. */

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms'
const ARN = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors'
/** As the drill of an alarm says it. */
const DRILL = drillReason('2026-11-25-0a1b2c', 'by Ana')
const time = (clock: string) => `2026-11-25T${clock}.000Z`
const NOW = new Date(time('10:05:00'))

const around = (over: Partial<Around> = {}): Around => ({
  isUs: (action) => action === TOPIC,
  isSentByEvents: () => false,
  quietBy: () => undefined,
  seesAll: true,
  now: NOW,
  ...over,
})

const alarm = (StateValue: string, since: string, over: object = {}) =>
  alarmOf('metric', {
    ...{ AlarmName: 'errors', AlarmArn: ARN, StateValue, StateReason: 'as it is now' },
    ...{ StateTransitionedTimestamp: time(since), AlarmActions: [TOPIC], OKActions: [TOPIC], ...over },
  })

const state = (over: Partial<AlertState>): AlertState => ({
  ...{ fingerprint: ARN, version: 1, title: 'errors', status: 'resolved', changedAt: time('09:00:00') },
  ...{ seen: [], recipients: {}, ...over },
})

const firing = (at: string): Partial<AlertState> => ({
  ...{ status: 'firing', changedAt: time(at) },
  firing: { since: time(at), at: time(at), severity: 'critical', rule: 'default' },
})

/** What CloudWatch's history has of a message. */
const sent = (clock: string, state: 'ALARM' | 'OK', { action = TOPIC, hasMessage = true, reason = 'x' } = {}) =>
  historyItemOf({
    ...{ AlarmName: 'errors', Timestamp: time(clock), HistoryItemType: 'Action' },
    HistorySummary: `Failed to execute action ${action}`,
    HistoryData: JSON.stringify({
      ...{ actionState: 'Failed', notificationResource: action, stateUpdateTimestamp: Date.parse(time(clock)) },
      ...(hasMessage && {
        publishedMessage: JSON.stringify({
          default: JSON.stringify({
            ...{ AlarmName: 'errors', NewStateValue: state, StateChangeTime: time(clock) },
            ...(reason !== 'x' && { NewStateReason: reason }),
          }),
        }),
      }),
    }),
  })

const changed = (clock: string, stateValue: string, stateReason = `why at ${clock}`) =>
  historyItemOf({
    ...{ AlarmName: 'errors', Timestamp: time(clock), HistoryItemType: 'StateUpdate' },
    HistoryData: JSON.stringify({
      newState: { stateValue, stateReason, stateReasonData: { a: 1 } },
    }),
  })

const deletion = (clock: string) =>
  historyItemOf({
    ...{ AlarmName: 'errors', Timestamp: time(clock), HistoryItemType: 'ConfigurationUpdate' },
    HistorySummary: 'Alarm "errors" deleted',
  })

/** What the router has received. */
const fired = (clock: string) => ({ at: time(clock), status: 'firing' as const })

const creation = (clock: string) =>
  historyItemOf({
    ...{ AlarmName: 'errors', Timestamp: time(clock), HistoryItemType: 'ConfigurationUpdate' },
    ...{ HistorySummary: 'Alarm "errors" created', HistoryData: '{"type":"Create"}' },
  })

/** CloudWatch does not say exactly since when it is in its state. */
const ABOUT = { StateTransitionedTimestamp: undefined, StateUpdatedTimestamp: time('10:04:00') }

const seen = (over: Omit<Partial<Seen>, 'history'> & { history?: unknown[] }): Seen => ({
  ...{ fingerprint: ARN, name: 'errors', received: [], ...over },
  history: (over.history ?? []) as Seen['history'],
})

type Case = [what: string, one: Parameters<typeof seen>[0], expected: object | undefined, over?: Partial<Around>]

const CASES: Case[] = [
  ['both fire', { alarm: alarm('ALARM', '10:00:00'), state: state(firing('10:00:00')) }, undefined],
  ['both are well', { alarm: alarm('OK', '09:00:00'), state: state({}) }, undefined],
  ['nobody has ever heard of it, and it is well', { alarm: alarm('OK', '09:00:00') }, undefined],
  ['it fires, and is unknown', { alarm: alarm('ALARM', '10:00:00') }, { kind: 'fires', at: time('10:00:00') }],
  [
    'it fires, and had ended before',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('09:00:00') } }) },
    { kind: 'fires', at: time('10:00:00') },
  ],
  [
    'it fires, and was ended since, by a person',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('10:02:00'), byHand: true } }) },
    undefined,
  ],
  [
    'it fires, was ended since, by a person, and was sent and not heard',
    {
      ...{ alarm: alarm('ALARM', '10:00:00'), history: [sent('10:00:00', 'ALARM')] },
      state: state({ ended: { at: time('10:02:00'), byHand: true } }),
    },
    undefined,
  ],
  [
    'it fires, and was ended before, by a person',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('09:00:00'), byHand: true } }) },
    { kind: 'fires', at: time('10:00:00') },
  ],
  [
    'it fires, and was ended since, nobody knows how',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('10:02:00') } }) },
    { kind: 'left', why: `ALARM since ${time('10:00:00')}, and ended here at a later time` },
  ],
  [
    'it fires, was heard, and was ended since',
    {
      ...{ alarm: alarm('ALARM', '10:00:00'), received: [fired('10:00:01')] },
      state: state({ ended: { at: time('10:02:00') } }),
    },
    undefined,
  ],
  [
    'it fires, was sent and not heard, and an end of a later time is known: its deletion, when nobody knew of it',
    {
      ...{ alarm: alarm('ALARM', '10:00:00'), history: [sent('10:00:00', 'ALARM')] },
      state: state({ ended: { at: time('10:02:00') } }),
    },
    { kind: 'fires', at: time('10:00:00') },
  ],
  [
    'it fires since a moment before its last end, by another clock',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('10:00:01'), since: time('09:00:00') } }) },
    { kind: 'fires', at: time('10:00:00') },
  ],
  [
    'it fired and ended at once, both are known, and CloudWatch’s answer is old',
    {
      ...{ alarm: alarm('ALARM', '10:00:00'), received: [fired('10:00:00')] },
      state: state({ ended: { at: time('10:00:03'), since: time('10:00:00') } }),
    },
    undefined,
  ],
  [
    'since when it fires is not exact, and a person has ended it once',
    { alarm: alarm('ALARM', '10:00:00', ABOUT), state: state({ ended: { at: time('09:00:00'), byHand: true } }) },
    undefined,
  ],
  [
    'since when it fires is not exact, and CloudWatch has ended it once',
    { alarm: alarm('ALARM', '10:00:00', ABOUT), state: state({ ended: { at: time('10:04:30') } }) },
    { kind: 'fires', at: time('10:04:00'), isAbout: true },
  ],
  ['it fires, and leads elsewhere', { alarm: alarm('ALARM', '10:00:00', { AlarmActions: ['arn:x'] }) }, undefined],
  [
    'it fires, and EventBridge hands it over',
    { alarm: alarm('ALARM', '10:00:00', { AlarmActions: [] }) },
    { kind: 'fires', at: time('10:00:00') },
    { isSentByEvents: () => true },
  ],
  [
    'it fires, and is muted',
    { alarm: alarm('ALARM', '10:00:00') },
    { kind: 'left', why: 'ALARM, and muted' },
    { quietBy: () => 'muted' },
  ],
  [
    'it fires, and is muted, but its message was sent before',
    { alarm: alarm('ALARM', '10:00:00'), history: [sent('10:00:00', 'ALARM')] },
    { kind: 'fires', at: time('10:00:00') },
    { quietBy: () => 'muted' },
  ],
  [
    'it is well, and fires here',
    { alarm: alarm('OK', '10:02:00'), state: state(firing('10:00:00')) },
    { kind: 'ended', at: time('10:02:00'), newest: time('10:00:00'), why: 'lost' },
  ],
  [
    'it is well, and has no data here',
    { alarm: alarm('OK', '10:02:00'), state: state({ noData: { at: time('10:00:00'), severity: 'info', rule: 'x' } }) },
    { kind: 'ended', why: 'lost' },
  ],
  [
    'it is well, fires here, and has no OK action',
    { alarm: alarm('OK', '10:02:00', { OKActions: [] }), state: state(firing('10:00:00')) },
    { kind: 'ended', why: 'no-ok-action' },
  ],
  [
    'it is well, fires here, and EventBridge hands over its OK',
    { alarm: alarm('OK', '10:02:00', { OKActions: [] }), state: state(firing('10:00:00')) },
    { kind: 'ended', why: 'lost' },
    { isSentByEvents: () => true },
  ],
  [
    'it is well, fires here, and is muted',
    { alarm: alarm('OK', '10:02:00'), state: state(firing('10:00:00')) },
    { kind: 'left', why: 'OK, and muted' },
    { quietBy: () => 'muted' },
  ],
  [
    'it is well since before it fired here',
    { alarm: alarm('OK', '09:30:00'), state: state(firing('10:00:00')) },
    { kind: 'left', why: `OK since ${time('09:30:00')}, and firing here since a later time` },
  ],
  [
    'it is well since a moment before it fired here, by another clock',
    { alarm: alarm('OK', '09:59:56'), state: state(firing('10:00:00')) },
    { kind: 'ended', at: time('09:59:56') },
  ],
  [
    'it is well, fires here, and was muted after its OK was sent',
    { alarm: alarm('OK', '10:02:00'), state: state(firing('10:00:00')), history: [sent('10:02:00', 'OK')] },
    { kind: 'ended', at: time('10:02:00'), why: 'lost' },
    { quietBy: () => 'muted' },
  ],
  [
    'it is well, fires here, is muted, and an earlier OK was sent',
    {
      ...{ alarm: alarm('OK', '10:04:00'), state: state(firing('10:03:00')) },
      history: [sent('10:03:00', 'ALARM'), sent('10:02:00', 'OK')],
    },
    { kind: 'left', why: 'OK, and muted' },
    { quietBy: () => 'muted' },
  ],
  [
    'it has no data, and fires here',
    { alarm: alarm('INSUFFICIENT_DATA', '10:02:00'), state: state(firing('10:00:00')) },
    { kind: 'left', why: 'firing here, and CloudWatch has no data of it' },
  ],
  [
    'it has no data, fires here, and was well between',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), state: state(firing('10:00:00')) },
      history: [changed('10:03:00', 'INSUFFICIENT_DATA'), changed('10:02:00', 'OK'), changed('10:00:00', 'ALARM')],
    },
    { kind: 'ended', at: time('10:02:00'), newest: time('10:00:00'), why: 'lost' },
  ],
  [
    'it has no data, which is known; it fires here, and was well between',
    {
      alarm: alarm('INSUFFICIENT_DATA', '10:03:00'),
      state: state({
        ...{ ...firing('10:00:00'), status: 'insufficient-data', changedAt: time('10:03:00') },
        noData: { at: time('10:03:00'), severity: 'info', rule: 'x' },
      }),
      history: [changed('10:02:00', 'OK')],
    },
    { kind: 'ended', at: time('10:02:00'), newest: time('10:03:00'), why: 'lost' },
  ],
  [
    'it has no data, fires here, and was well before',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), state: state(firing('10:00:00')) },
      history: [changed('09:59:58', 'OK')],
    },
    { kind: 'left' },
  ],
  [
    'it has no data, fires here, and was well and fired again between',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), state: state(firing('10:00:00')) },
      history: [changed('10:02:00', 'ALARM'), changed('10:01:00', 'OK')],
    },
    { kind: 'left' },
  ],
  [
    'it has no data, fires here, was well between, and is muted',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), state: state(firing('10:00:00')) },
      history: [changed('10:02:00', 'OK')],
    },
    { kind: 'left', why: 'OK, and muted' },
    { quietBy: () => 'muted' },
  ],
  [
    'it fires here, was deleted, and is there again without data',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), state: state(firing('10:00:00')) },
      history: [creation('10:03:00'), deletion('10:02:00')],
    },
    { kind: 'ended', at: time('10:02:00'), why: 'deleted' },
    { quietBy: () => 'muted' },
  ],
  [
    'it is gone, and fires here',
    { state: state(firing('10:00:00')) },
    { kind: 'ended', at: NOW.toISOString(), newest: time('10:00:00'), why: 'deleted' },
  ],
  [
    'it is gone, fires here, and its history says when',
    { state: state(firing('10:00:00')), history: [deletion('10:03:00')] },
    { kind: 'ended', at: time('10:03:00'), why: 'deleted' },
    { seesAll: false },
  ],
  [
    'it is gone, fires here, and was deleted a moment before it fired, by another clock',
    { state: state(firing('10:00:00')), history: [deletion('09:59:57')] },
    { kind: 'ended', at: time('09:59:57'), why: 'deleted' },
    { seesAll: false },
  ],
  [
    'it is not seen, fires here, and was deleted before that',
    { state: state(firing('10:00:00')), history: [deletion('09:50:00')] },
    { kind: 'left', why: 'firing here, and this role does not see it' },
    { seesAll: false },
  ],
  [
    'it is not seen, fires here, and was deleted and created again',
    { state: state(firing('10:00:00')), history: [creation('10:03:00'), deletion('10:02:00')] },
    { kind: 'left' },
    { seesAll: false },
  ],
  [
    'it is not seen, fires here, and was deleted, and changed since',
    { state: state(firing('10:00:00')), history: [changed('10:03:00', 'ALARM'), deletion('10:02:00')] },
    { kind: 'left' },
    { seesAll: false },
  ],
  [
    'it is gone, fires here, and was deleted once before that',
    { state: state(firing('10:00:00')), history: [deletion('09:50:00')] },
    { kind: 'ended', at: NOW.toISOString(), why: 'deleted' },
  ],
  [
    'it fired without a word, was deleted, and is there again, not seen',
    { history: [creation('10:04:00'), deletion('10:03:00'), sent('10:01:00', 'ALARM')] },
    undefined,
    { seesAll: false },
  ],
  [
    'it is not seen, and nothing says that it is gone',
    { state: state(firing('10:00:00')) },
    { kind: 'left', why: 'firing here, and this role does not see it' },
    { seesAll: false },
  ],
  ['it is gone, and had ended', { state: state({}) }, undefined],
  [
    'it fired and ended, and nothing arrived',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:02:00', 'OK'), sent('10:01:00', 'ALARM')] },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:02:00') },
  ],
  [
    'it fired twice and ended: the first counts',
    {
      alarm: alarm('OK', '10:04:00'),
      history: [sent('10:03:00', 'ALARM'), sent('10:02:00', 'OK'), sent('10:01:00', 'ALARM')],
    },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:04:00') },
  ],
  [
    'it fired and ended, and the firing arrived',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM')], received: [fired('10:01:03')] },
    undefined,
  ],
  [
    'it fired and ended, and both are known by an end that covers them',
    {
      alarm: alarm('OK', '10:02:00'),
      history: [sent('10:01:00', 'ALARM')],
      state: state({ ended: { at: time('10:02:00'), since: time('10:01:02') } }),
    },
    undefined,
  ],
  [
    'it fired and ended, and the end alone arrived',
    {
      alarm: alarm('OK', '10:02:00'),
      history: [sent('10:01:00', 'ALARM')],
      state: state({ ended: { at: time('10:02:00') } }),
    },
    { kind: 'missed', at: time('10:01:00') },
  ],
  [
    'an end is known that began after it',
    {
      alarm: alarm('OK', '10:04:00'),
      history: [sent('10:01:00', 'ALARM')],
      state: state({ ended: { at: time('10:04:00'), since: time('10:03:00') } }),
    },
    { kind: 'missed', at: time('10:01:00') },
  ],
  [
    'an end is known from before it fired',
    {
      alarm: alarm('OK', '10:04:00'),
      history: [sent('10:03:00', 'ALARM')],
      state: state({ ended: { at: time('10:02:00'), since: time('10:01:00') } }),
    },
    { kind: 'missed', at: time('10:03:00') },
  ],
  [
    'it fired and ended, and its message led elsewhere',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM', { action: 'arn:aws:sns:x:1:other' })] },
    undefined,
  ],
  [
    'the history has no message: the change of that moment says what it was',
    {
      alarm: alarm('OK', '10:02:00'),
      history: [sent('10:01:00', 'ALARM', { hasMessage: false }), changed('10:01:00', 'ALARM')],
    },
    { kind: 'missed', at: time('10:01:00') },
  ],
  [
    'the history has no message, and no change',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM', { hasMessage: false })] },
    undefined,
  ],
  [
    'it fired without a word, and has lost its data since',
    { alarm: alarm('INSUFFICIENT_DATA', '10:02:00'), history: [sent('10:01:00', 'ALARM')] },
    { kind: 'fires', at: time('10:01:00') },
  ],
  [
    'it fired and ended without a word, and has lost its data since',
    {
      alarm: alarm('INSUFFICIENT_DATA', '10:03:00'),
      history: [changed('10:02:00', 'OK'), changed('10:01:00', 'ALARM'), sent('10:01:00', 'ALARM')],
    },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:02:00') },
  ],
  [
    'it ended, fired again without a word, and has lost its data since',
    {
      alarm: alarm('INSUFFICIENT_DATA', '10:03:00'),
      history: [changed('10:02:00', 'ALARM'), sent('10:02:00', 'ALARM'), changed('10:01:00', 'OK')],
    },
    { kind: 'fires', at: time('10:02:00') },
  ],
  [
    'it fires again, and an earlier message is missing, too',
    {
      alarm: alarm('ALARM', '10:04:00'),
      history: [sent('10:04:00', 'ALARM'), sent('10:02:00', 'OK'), sent('10:01:00', 'ALARM')],
    },
    { kind: 'fires', at: time('10:04:00'), lostAt: time('10:01:00') },
  ],
  [
    'it fired and ended, and EventBridge alone should have said so',
    { alarm: alarm('OK', '10:02:00', { AlarmActions: [] }), history: [changed('10:01:00', 'ALARM')] },
    { kind: 'missed', at: time('10:01:00') },
    { isSentByEvents: () => true },
  ],
  [
    'it fired without a word, and was deleted',
    { history: [deletion('10:03:00'), sent('10:01:00', 'ALARM')] },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:03:00') },
    { seesAll: false },
  ],
  [
    'EventBridge alone should have said that it fired, and it was deleted',
    { history: [deletion('10:03:00'), changed('10:01:00', 'ALARM')] },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:03:00') },
    { isSentByEvents: () => true, seesAll: false },
  ],
  ['it fired without a word, and is not seen', { history: [sent('10:01:00', 'ALARM')] }, undefined, { seesAll: false }],
  [
    'it is well since the very time of our newest change',
    { alarm: alarm('OK', '10:00:00'), state: state(firing('10:00:00')) },
    { kind: 'ended', at: time('10:00:00') },
  ],
  [
    'it is well since six seconds before it fired here',
    { alarm: alarm('OK', '09:59:54'), state: state(firing('10:00:00')) },
    { kind: 'left' },
  ],
  [
    'nothing says since when it is well',
    {
      alarm: alarm('OK', '10:00:00', { StateTransitionedTimestamp: undefined }),
      state: state(firing('10:00:00')),
    },
    { kind: 'ended', at: NOW.toISOString() },
  ],
  [
    'nothing says since when it fires, and it has ended once',
    {
      alarm: alarm('ALARM', '10:00:00', { StateTransitionedTimestamp: undefined }),
      state: state({ ended: { at: time('09:00:00'), byHand: true } }),
    },
    undefined,
  ],
  [
    'it fires since the very time at which a person ended it here',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('10:00:00'), byHand: true } }) },
    undefined,
  ],
  [
    'it fires since the very time of its last end',
    { alarm: alarm('ALARM', '10:00:00'), state: state({ ended: { at: time('10:00:00') } }) },
    { kind: 'fires', at: time('10:00:00') },
  ],
  [
    'it fires, and leads elsewhere, too',
    { alarm: alarm('ALARM', '10:00:00', { AlarmActions: ['arn:x', TOPIC] }) },
    { kind: 'fires' },
  ],
  [
    'an end of the very time of the firing is known, that began then',
    {
      alarm: alarm('OK', '10:01:00'),
      history: [sent('10:01:00', 'ALARM')],
      state: state({ ended: { at: time('10:01:00'), since: time('10:01:00') } }),
    },
    undefined,
  ],
  [
    'an end is known that began long before it',
    {
      alarm: alarm('OK', '10:04:00'),
      history: [sent('10:03:00', 'ALARM')],
      state: state({ ended: { at: time('10:04:00'), since: time('09:00:00') } }),
    },
    undefined,
  ],
  [
    'a firing arrived five seconds from it',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM')], received: [fired('10:01:05')] },
    undefined,
  ],
  [
    'a firing arrived six seconds from it: another',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM')], received: [fired('10:01:06')] },
    { kind: 'missed' },
  ],
  [
    'it has no data, and fires here: an earlier firing is part of that',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:02:00'), state: state(firing('10:01:30')) },
      history: [sent('10:01:00', 'ALARM')],
    },
    { kind: 'left' },
  ],
  [
    'an OK arrived three seconds from its firing',
    {
      ...{ alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM')] },
      received: [{ at: time('10:00:57'), status: 'resolved' }],
    },
    { kind: 'missed', at: time('10:01:00') },
  ],
  [
    'an end of the firing before it is known, of a moment later, by another clock',
    {
      ...{ alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM')] },
      state: state({ ended: { at: time('10:01:01'), since: time('09:00:00') } }),
    },
    { kind: 'missed', at: time('10:01:00') },
  ],
  [
    'a person ended it a moment later',
    {
      ...{ alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM')] },
      state: state({ ended: { at: time('10:01:01'), since: time('09:00:00'), byHand: true } }),
    },
    undefined,
  ],
  [
    'it fires, muted, and had fired and ended without a word before',
    {
      alarm: alarm('ALARM', '10:04:00'),
      history: [
        ...[changed('10:04:00', 'ALARM'), sent('10:02:00', 'OK'), changed('10:02:00', 'OK')],
        ...[sent('10:01:00', 'ALARM'), changed('10:01:00', 'ALARM')],
      ],
    },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:02:00') },
    { quietBy: () => 'muted' },
  ],
  [
    'it fires, muted, a moment after an OK that was sent',
    {
      alarm: alarm('ALARM', '10:02:03'),
      history: [changed('10:02:03', 'ALARM'), sent('10:02:00', 'OK', { hasMessage: false }), changed('10:02:00', 'OK')],
    },
    { kind: 'left', why: 'ALARM, and muted' },
    { quietBy: () => 'muted' },
  ],
  [
    'it fires, and leads elsewhere since it had fired and ended without a word',
    {
      alarm: alarm('ALARM', '10:04:00', { AlarmActions: [] }),
      history: [changed('10:02:00', 'OK'), sent('10:01:00', 'ALARM')],
    },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:02:00') },
  ],
  [
    'a drill set it after it had fired and ended without a word',
    {
      alarm: alarm('ALARM', '10:04:00', { StateReason: DRILL }),
      history: [
        ...[changed('10:04:00', 'ALARM', DRILL), sent('10:04:00', 'ALARM', { reason: DRILL })],
        ...[changed('10:02:00', 'OK'), sent('10:01:00', 'ALARM')],
      ],
    },
    { kind: 'missed', at: time('10:01:00'), endedAt: time('10:02:00') },
  ],
  [
    'a drill set it while it fires here',
    {
      ...{ alarm: alarm('ALARM', '10:04:00', { StateReason: DRILL }), state: state(firing('10:00:00')) },
      history: [changed('10:02:00', 'OK'), sent('10:01:00', 'ALARM')],
    },
    undefined,
  ],
  [
    'a drill set it, and it really fires since',
    {
      alarm: alarm('ALARM', '10:00:00', { StateReason: 'Threshold Crossed' }),
      history: [changed('10:00:00', 'ALARM', DRILL), sent('10:00:00', 'ALARM', { reason: DRILL })],
    },
    { kind: 'fires', at: time('10:00:00') },
  ],
  ['a drill set it', { alarm: alarm('ALARM', '10:00:00', { StateReason: DRILL }) }, undefined],
  [
    'a drill set it, and has ended',
    { alarm: alarm('ALARM', '09:49:59', { StateReason: DRILL }) },
    { kind: 'left', why: 'ALARM by a drill that did not end it; set it to OK' },
  ],
  [
    'another router’s drill set it, and has ended',
    { alarm: alarm('ALARM', '09:00:00', { StateReason: DRILL, AlarmActions: ['arn:x'] }) },
    undefined,
  ],
  ['a drill set it a quarter of an hour ago', { alarm: alarm('ALARM', '09:50:00', { StateReason: DRILL }) }, undefined],
  [
    'a drill had set it, by the message',
    { alarm: alarm('OK', '10:02:00'), history: [sent('10:01:00', 'ALARM', { reason: DRILL })] },
    undefined,
  ],
  [
    'a drill had set it, by the change of that moment',
    {
      alarm: alarm('OK', '10:02:00'),
      history: [
        changed('10:02:00', 'OK'),
        sent('10:01:00', 'ALARM', { hasMessage: false }),
        changed('10:01:00', 'ALARM', DRILL),
      ],
    },
    undefined,
  ],
  [
    'a time series fires since a time that is not known, and has ended once',
    {
      ...{ alarm: alarm('ALARM', '09:30:00'), contributor: { id: 'a', attributes: {} } },
      state: state({ ended: { at: time('10:00:00') } }),
    },
    { kind: 'fires', at: time('09:30:00'), isAbout: true },
  ],
  [
    'a time series fires since a time that is not known, and a person has ended it',
    {
      ...{ alarm: alarm('ALARM', '09:30:00', ABOUT), contributor: { id: 'a', attributes: {} } },
      state: state({ ended: { at: time('10:00:00'), byHand: true } }),
    },
    undefined,
  ],
  [
    'a time series fires',
    { alarm: alarm('ALARM', '10:00:00'), contributor: { id: 'a', attributes: {}, at: time('10:01:00') } },
    { kind: 'fires', at: time('10:01:00') },
  ],
  [
    'a time series fires, and a message of its alarm is missing',
    {
      ...{ alarm: alarm('ALARM', '10:00:00'), contributor: { id: 'a', attributes: {}, at: time('10:04:00') } },
      history: [sent('10:00:00', 'ALARM')],
    },
    { kind: 'fires', at: time('10:04:00'), lostAt: time('10:04:00') },
  ],
  [
    'a time series is quiet, and fires here',
    { alarm: alarm('ALARM', '10:00:00'), contributor: 'quiet', state: state(firing('10:00:00')) },
    { kind: 'ended', at: NOW.toISOString() },
  ],
  [
    'a time series is quiet, and had ended; a message of its alarm is missing',
    { alarm: alarm('OK', '10:02:00'), contributor: 'quiet', history: [sent('10:01:00', 'ALARM')] },
    undefined,
  ],
  [
    'a time series fires here, and CloudWatch does not say whether it does there',
    { alarm: alarm('ALARM', '10:00:00'), contributor: 'unknown', state: state(firing('10:00:00')) },
    { kind: 'left', why: 'firing here, and CloudWatch does not say which of its time series fire' },
  ],
  [
    'a time series fires here, and CloudWatch does not evaluate all',
    {
      alarm: alarm('ALARM', '10:00:00', { EvaluationState: 'PARTIAL_DATA' }),
      ...{ contributor: 'unknown', state: state(firing('10:00:00')) },
    },
    { kind: 'left', why: 'firing here, and CloudWatch does not evaluate all of its time series (PARTIAL_DATA)' },
  ],
  [
    'a time series had ended, and CloudWatch says nothing of it',
    { alarm: alarm('ALARM', '10:00:00'), contributor: 'unknown', state: state({}) },
    undefined,
  ],
  [
    'a time series fires here, and its alarm has no data',
    { alarm: alarm('INSUFFICIENT_DATA', '10:02:00'), contributor: 'unknown', state: state(firing('10:00:00')) },
    { kind: 'left', why: 'firing here, and CloudWatch has no data of it' },
  ],
  [
    'a time series fires here, and its alarm has no data, and was well between',
    {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), contributor: 'unknown', state: state(firing('10:00:00')) },
      history: [changed('10:02:00', 'OK')],
    },
    { kind: 'ended', at: time('10:02:00') },
  ],
]

describe('CloudWatch and the table', () => {
  test.each(CASES)('%s', (_what, one, expected, over) => {
    const difference = differenceOf(seen(one), around(over))
    if (expected === undefined) expect(difference).toBeUndefined()
    else expect(difference).toMatchObject({ fingerprint: ARN, name: 'errors', ...expected })
  })
})

describe('what is handed over', () => {
  const handed = (one: Parameters<typeof seen>[0], over?: Partial<Around>) => {
    const all = seen(one)
    const order = orderOf(differenceOf(all, around(over)) as Exclude<Difference, { kind: 'left' }>, all, {
      team: 'shop',
    })
    expect(order).toBeDefined()
    return order ?? {}
  }

  test('CloudWatch’s own message, word for word, where its history has it', () => {
    const one = { alarm: alarm('ALARM', '10:01:00'), history: [sent('10:01:00', 'ALARM')] }
    expect(handed(one)).toEqual({
      found: [{ AlarmName: 'errors', NewStateValue: 'ALARM', StateChangeTime: time('10:01:00') }],
      note: expect.stringMatching(/^Found by reconcile/),
    })
  })

  test('else one that is made of the alarm, with the reason of that moment', () => {
    const one = { alarm: alarm('ALARM', '10:01:00'), history: [changed('10:01:00', 'ALARM')] }
    expect(handed(one)).toMatchObject({
      found: [
        {
          ...{ AlarmName: 'errors', AlarmArn: ARN, NewStateValue: 'ALARM', OldStateValue: 'OK' },
          ...{ StateChangeTime: time('10:01:00'), NewStateReason: 'why at 10:01:00', NewStateReasonData: '{"a":1}' },
        },
      ],
    })
  })

  test('without a history, the reason that the alarm has now', () => {
    expect(handed({ alarm: alarm('ALARM', '10:01:00') })).toMatchObject({
      found: [{ NewStateReason: 'as it is now' }],
    })
  })

  test('an OK as if it had arrived', () => {
    const one = { alarm: alarm('OK', '10:02:00'), state: state(firing('10:00:00')) }
    expect(handed(one)).toMatchObject({
      found: [{ NewStateValue: 'OK', OldStateValue: 'ALARM', StateChangeTime: time('10:02:00') }],
      note: 'Found by reconcile: CloudWatch’s OK did not arrive.',
    })
  })

  test('an OK that a drill has set ends the real firing, and no drill', () => {
    const one = {
      ...{ alarm: alarm('OK', '10:02:00', { StateReason: DRILL }), state: state(firing('10:01:00')) },
      history: [changed('10:02:00', 'OK', DRILL), sent('10:02:00', 'OK', { reason: DRILL })],
    }
    expect(handed(one)).toMatchObject({ ended: ARN, at: time('10:02:00'), reason: 'OK in CloudWatch.' })
    const missed = { alarm: one.alarm, history: [...one.history, sent('10:00:00', 'ALARM')] }
    expect(handed(missed)).toMatchObject({
      found: [{ NewStateValue: 'OK', NewStateReason: 'OK in CloudWatch.' }, { NewStateValue: 'ALARM' }],
    })
  })

  test('of one that really fires since a drill has set it: its own reason, not the drill’s message', () => {
    const one = {
      alarm: alarm('ALARM', '10:01:00', { StateReason: 'Threshold Crossed', StateReasonData: '{"b":2}' }),
      history: [changed('10:01:00', 'ALARM', DRILL), sent('10:01:00', 'ALARM', { reason: DRILL })],
    }
    expect(handed(one)).toMatchObject({
      found: [{ NewStateReason: 'Threshold Crossed', NewStateReasonData: '{"b":2}' }],
      note: expect.stringMatching(/since a drill had set it/),
    })
  })

  test('nothing that is a drill’s', () => {
    const one = seen({ alarm: alarm('ALARM', '10:01:00', { StateReason: DRILL }) })
    const fires = { fingerprint: ARN, name: 'errors', kind: 'fires' as const, at: time('10:01:00'), lostAt: '' }
    expect(orderOf(fires, one, {})).toBeUndefined()
  })

  test('that it fires again after its last end, though a clock says otherwise', () => {
    const one = {
      ...{ alarm: alarm('ALARM', '10:01:00'), history: [sent('10:01:00', 'ALARM')] },
      state: state({ ended: { at: time('10:01:01'), since: time('09:00:00') } }),
    }
    const order = handed(one)
    expect(order).toMatchObject({ found: [{ NewStateValue: 'ALARM', StateChangeTime: '2026-11-25T10:01:01.001Z' }] })
    expect(order).not.toHaveProperty('isAbout')
  })

  test.each<[what: string, one: Parameters<typeof seen>[0], at: string]>([
    [
      'a time series without a time',
      { alarm: alarm('ALARM', '09:30:00'), contributor: { id: 'a', attributes: {} } },
      time('09:30:00'),
    ],
    [
      'a time series without a time, that had ended',
      {
        ...{ alarm: alarm('ALARM', '09:30:00'), contributor: { id: 'a', attributes: {} } },
        state: state({ ended: { at: time('10:00:00') } }),
      },
      '2026-11-25T10:00:00.001Z',
    ],
    [
      'one that fires again, and whose deletion is known with a later time',
      {
        ...{ alarm: alarm('ALARM', '10:01:00'), history: [sent('10:01:00', 'ALARM')] },
        state: state({ ended: { at: time('10:02:00') } }),
      },
      '2026-11-25T10:02:00.001Z',
    ],
  ])('of %s, that its time is not known', (_what, one, at) => {
    expect(handed(one)).toMatchObject({ found: [{ NewStateValue: 'ALARM' }], isAbout: true })
    const [{ StateChangeTime = '' } = {}] = (handed(one) as { found: { StateChangeTime?: string }[] }).found
    expect(new Date(StateChangeTime).toISOString()).toBe(at)
  })

  test('an OK of one that has lost its data since', () => {
    const one = {
      alarm: alarm('INSUFFICIENT_DATA', '10:03:00'),
      state: state({
        ...{ ...firing('10:00:00'), status: 'insufficient-data', changedAt: time('10:03:00') },
        noData: { at: time('10:03:00'), severity: 'info', rule: 'x' },
      }),
      history: [changed('10:02:00', 'OK')],
    }
    expect(handed(one)).toMatchObject({
      found: [{ NewStateValue: 'OK', NewStateReason: 'why at 10:02:00', StateChangeTime: time('10:02:00') }],
    })
  })

  test('of one that was deleted and is there again, that it was deleted', () => {
    const one = {
      ...{ alarm: alarm('INSUFFICIENT_DATA', '10:03:00'), state: state(firing('10:00:00')) },
      history: [creation('10:03:00'), deletion('10:02:00')],
    }
    expect(handed(one)).toMatchObject({ ended: ARN, at: time('10:02:00'), reason: 'The alarm was deleted.' })
  })

  test('of an alarm without an OK action, the note says so', () => {
    const one = { alarm: alarm('OK', '10:02:00', { OKActions: [] }), state: state(firing('10:00:00')) }
    expect(handed(one)).toMatchObject({ note: expect.stringMatching(/has no OK action/) })
  })

  test('of a deleted alarm, that it has ended, if nothing newer arrives first', () => {
    expect(handed({ state: state(firing('10:00:00')) })).toEqual({
      ...{ ended: ARN, at: NOW.toISOString(), newest: time('10:00:00') },
      ...{ reason: 'The alarm was deleted.', note: expect.stringMatching(/deleted sends no OK/) },
    })
  })

  test('of a time series, that it has ended; or its own message', () => {
    const quiet = {
      ...{ alarm: alarm('ALARM', '10:00:00'), contributor: 'quiet' as const },
      state: state(firing('10:00:00')),
    }
    expect(handed(quiet)).toMatchObject({ ended: ARN, reason: 'OK in CloudWatch.' })
    const contributor = { id: 'a', attributes: { FunctionName: 'f' }, reason: 'f crossed it', at: time('10:01:00') }
    const one = { alarm: alarm('ALARM', '10:00:00'), contributor, history: [sent('10:01:00', 'ALARM')] }
    expect(handed(one)).toMatchObject({
      found: [
        {
          ...{ AlarmContributorId: 'a', AlarmContributorAttributes: { FunctionName: 'f' } },
          ...{ NewStateReason: 'f crossed it', StateChangeTime: time('10:01:00') },
        },
      ],
    })
  })

  test('the reason of another moment is not its reason', () => {
    const one = {
      alarm: alarm('OK', '10:02:00'),
      history: [
        changed('10:02:00', 'OK'),
        sent('10:01:00', 'ALARM', { hasMessage: false }),
        changed('10:01:00', 'ALARM'),
      ],
    }
    expect(handed(one)).toMatchObject({
      found: [{ NewStateReason: 'why at 10:02:00' }, { NewStateValue: 'ALARM', NewStateReason: 'why at 10:01:00' }],
    })
  })

  test('of a moment without a reason, there is none', () => {
    const { found } = handed({
      alarm: alarm('INSUFFICIENT_DATA', '10:02:00'),
      history: [
        sent('10:01:00', 'ALARM', { hasMessage: false }),
        historyItemOf({
          ...{ AlarmName: 'errors', Timestamp: time('10:01:00'), HistoryItemType: 'StateUpdate' },
          HistoryData: JSON.stringify({ newState: { stateValue: 'ALARM' } }),
        }),
      ],
    }) as { found: object[] }
    expect(found[0]).not.toHaveProperty('NewStateReason')
    expect(found[0]).not.toHaveProperty('NewStateReasonData')
  })

  test('of a deleted alarm of which no message is kept: its name, and that it was deleted', () => {
    const one = {
      history: [deletion('10:03:00'), sent('10:01:00', 'ALARM', { hasMessage: false }), changed('10:01:00', 'ALARM')],
    }
    expect(handed(one)).toMatchObject({
      found: [
        { AlarmName: 'errors', AlarmArn: ARN, NewStateValue: 'OK' },
        { AlarmName: 'errors', AlarmArn: ARN, NewStateValue: 'ALARM', StateChangeTime: time('10:01:00') },
      ],
    })
  })

  test('an OK at the very time of our newest change ends it, whatever its message would do', () => {
    const one = { alarm: alarm('OK', '10:00:00'), state: state(firing('10:00:00')) }
    expect(handed(one)).toMatchObject({ ended: ARN, at: time('10:00:00'), reason: 'as it is now' })
  })

  test('what was missed: the end first, so that one message says both', () => {
    const one = { alarm: alarm('OK', '10:02:00'), history: [sent('10:02:00', 'OK'), sent('10:01:00', 'ALARM')] }
    const found = [
      { AlarmName: 'errors', NewStateValue: 'OK', StateChangeTime: time('10:02:00') },
      { AlarmName: 'errors', NewStateValue: 'ALARM', StateChangeTime: time('10:01:00') },
    ]
    expect(handed(one)).toMatchObject({ found })
  })

  test('what was missed of a deleted alarm: its last message, and that it was deleted', () => {
    const one = { history: [deletion('10:03:00'), sent('10:01:00', 'ALARM')] }
    expect(handed(one)).toMatchObject({
      found: [
        { NewStateValue: 'OK', NewStateReason: 'The alarm was deleted.', StateChangeTime: time('10:03:00') },
        { NewStateValue: 'ALARM', StateChangeTime: time('10:01:00') },
      ],
    })
  })
})

describe('an item of the alarm history', () => {
  test.each<[what: string, item: Record<string, unknown>, expected: object | undefined]>([
    ['without a name', { Timestamp: time('10:00:00'), HistoryItemType: 'Action' }, undefined],
    ['without a time', { AlarmName: 'errors', HistoryItemType: 'Action' }, undefined],
    ['of another kind', { AlarmName: 'errors', Timestamp: time('10:00:00'), HistoryItemType: 'New' }, undefined],
    [
      'that changed what is configured',
      {
        ...{ AlarmName: 'errors', Timestamp: time('10:00:00'), HistoryItemType: 'ConfigurationUpdate' },
        HistoryData: '{"type":"Update"}',
      },
      undefined,
    ],
    [
      'that deleted it',
      {
        ...{ AlarmName: 'errors', Timestamp: time('10:00:00'), HistoryItemType: 'ConfigurationUpdate' },
        HistoryData: '{"type":"Delete"}',
      },
      { kind: 'deleted', alarm: 'errors', at: time('10:00:00') },
    ],
    [
      'that created it',
      {
        ...{ AlarmName: 'errors', Timestamp: time('10:00:00'), HistoryItemType: 'ConfigurationUpdate' },
        HistoryData: '{"type":"Create"}',
      },
      { kind: 'created', alarm: 'errors', at: time('10:00:00') },
    ],
    [
      'with data that is no JSON: the summary names the action',
      {
        ...{ AlarmName: 'errors', Timestamp: time('10:00:00'), HistoryItemType: 'Action', HistoryData: '{"cut' },
        HistorySummary: `Successfully executed action ${TOPIC}`,
      },
      { kind: 'sent', alarm: 'errors', at: time('10:00:00'), action: TOPIC },
    ],
    [
      'of a change without its data',
      { AlarmName: 'errors', Timestamp: time('10:00:00'), HistoryItemType: 'StateUpdate' },
      { kind: 'changed', alarm: 'errors', at: time('10:00:00') },
    ],
  ])('%s', (_what, item, expected) => {
    expect(historyItemOf(item)).toEqual(expected)
  })
})
