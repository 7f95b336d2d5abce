import { expect, test } from 'vitest'
import type { When } from '../schemas/config.ts'
import { conjunctionsOf } from '../shared/conditions/conjunction.ts'
import { examplesOf, setField } from '../shared/conditions/example.ts'
import { compileWhen } from '../shared/decide/rules.ts'

/** Alerts that are made to match a condition, to show what a rule does. */

function examples(when: When) {
  return (conjunctionsOf(when, {}) ?? []).flatMap((conjunction) => [...examplesOf(conjunction)])
}

const KINDS = [
  ...['metric-alarm', 'math-alarm', 'insights-alarm', 'anomaly-alarm', 'composite-alarm', 'log-alarm'],
  ...['prometheus-alarm', 'alarm'],
]

test.each<[When, Record<string, string>[]]>([
  [{}, [{}]],
  [{ name: 'a' }, [{ name: 'a' }]],
  [
    [{ name: 'a' }, { metric: 'b' }],
    [{ name: 'a' }, { metric: 'b' }],
  ],
  [{ kind: ['event', '*alarm'] }, [...KINDS, 'event'].map((kind) => ({ kind }))],
  [{ kind: ['event', 'budget'] }, [{ kind: 'budget' }, { kind: 'event' }]],
  [{ kind: 'event', status: 'resolved' }, [{ kind: 'event', status: 'resolved' }]],
  [{ status: '*' }, [{ status: 'firing' }, { status: 'resolved' }, { status: 'insufficient-data' }]],
  [{ previousStatus: { not: ['firing', 'resolved'] } }, [{}, { previousStatus: 'insufficient-data' }]],
  [
    { name: ['a', 'b'], metric: { not: 'x' } },
    [
      ...[{ name: 'a' }, { name: 'b' }, { name: 'a', metric: 'something-else' }, { name: 'a', metric: '1' }],
      { name: 'a', metric: '100000' },
    ],
  ],
  [{ metric: { not: '*' } }, [{}]],
  [{ name: { not: '*a*' } }, [{ name: 'x' }, { name: 'something-else' }, { name: '1' }, { name: '100000' }]],
  [{ source: { not: ['x', '1'] } }, [{ source: 'something-else' }, { source: '100000' }]],
  [{ name: '/^(a|b)$/' }, [{ name: 'a' }, { name: 'b' }]],
  [{ name: '/[^x1 -]/', metric: ['a', 'b'] }, []],
  [
    { 'threshold.value': '> 5', firingFor: '> 10m' },
    [
      ...['6', '7', '8', '9'].map((value) => ({ 'threshold.value': value, firingFor: '601' })),
      ...['602', '603', '604'].map((firingFor) => ({ 'threshold.value': '6', firingFor })),
    ],
  ],
  [
    { all: [{ 'threshold.value': '> 5' }, { 'threshold.value': '< 6' }] },
    ['5.2', '5.4', '5.6', '5.8'].map((value) => ({ 'threshold.value': value })),
  ],
  [{ 'threshold.value': ['5', 'a', '05', '1e3', 'Infinity'] }, [{ 'threshold.value': '5' }]],
  [{ 'tags.n': ['05', 'a'] }, [{ 'tags.n': '05' }, { 'tags.n': 'a' }]],
  [{ 'threshold.value': ['> 5', '/7/'] }, ['6', '7', '8', '9'].map((value) => ({ 'threshold.value': value }))],
  // There are, but none is found.
  [{ all: [{ 'tags.n': '> 5' }, { 'tags.n': { not: ['6', '7', '8', '9'] } }] }, []],
  [{ 'tags.n': '> 5', all: [{ 'tags.n': '/12/' }] }, [{ 'tags.n': '12' }]],
  [{ 'threshold.value': { not: '5' } }, [{}, { 'threshold.value': '1' }, { 'threshold.value': '100000' }]],
  [{ children: ['a', 'b*'] }, [{ children: 'a' }]],
  [{ all: [{ children: 'a' }, { children: 'b*' }] }, [{ children: 'a\nb' }]],
  [{ all: [{ children: ['a', 'b', 'c'] }, { children: { not: ['a', 'b'] } }] }, [{ children: 'c' }]],
  [{ all: [{ children: 'a*' }, { children: { not: ['a', 'ax', 'a-1'] } }] }, []],
  [{ children: { not: 'a' } }, [{ children: '' }]],
])('of %j', (when, fields) => {
  const all = examples(when)
  expect(all.map((one) => one.fields)).toStrictEqual(fields)
  const matches = compileWhen(when, {})
  for (const { subject } of all) expect(matches(subject)).toBe(true)
})

test('are at most 60', () => {
  const values = (start: string) => Array.from({ length: 40 }, (_, n) => `${start}${n}`)
  const all = examples({ name: values('n'), metric: values('m') })
  expect(all).toHaveLength(60)
  expect(all.at(-1)?.fields).toEqual({ name: 'n0', metric: 'm20' })
})

test('are whole alerts, with what the condition asks for', () => {
  const [one] = examples({
    ...{ name: 'a', children: 'c', firingFor: '>= 10m', 'threshold.value': '> 5' },
    ...{ 'tags.aws:team.x': 'orders', 'tags.env': 'prod', account: '123456789012' },
  })
  expect(one?.subject).toEqual({
    alert: {
      fingerprint: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x',
      ...{ kind: 'metric-alarm', status: 'firing', name: 'a', title: 'an-alarm', source: 'aws.cloudwatch' },
      ...{ changedAt: '2026-01-01T12:00:00.000Z', resource: 'a resource', account: '123456789012' },
      ...{ dimensions: {}, details: {}, links: {}, children: [{ name: 'c' }] },
      tags: { 'aws:team.x': 'orders', env: 'prod' },
      threshold: { value: 6 },
    },
    firingSince: '2026-01-01T11:50:00.000Z',
  })
  const [anything] = examples({})
  expect(anything).toMatchObject({ fields: {}, subject: { alert: { name: 'an-alarm', children: [], tags: {} } } })
  const [nobody] = examples({ children: { not: 'a' } })
  expect(nobody?.subject).toMatchObject({ alert: { children: [] }, firingSince: undefined })
})

test('a field is set by its name in a condition', () => {
  const alert: Record<string, unknown> = { tags: { a: '1' } }
  setField(alert, 'tags.b.c', '2')
  setField(alert, 'threshold.value', '3')
  setField(alert, 'threshold.unit', '4')
  setField(alert, 'details.x', '5')
  setField(alert, 'metric', '6')
  setField(alert, 'tags', '7')
  setField(alert, 'some.thing', '8')
  expect(alert).toEqual({
    ...{ tags: '7', threshold: { value: 3, unit: '4' }, details: { x: '5' }, metric: '6', 'some.thing': '8' },
  })
  const other: Record<string, unknown> = { tags: { a: '1' } }
  setField(other, 'tags.b.c', '2')
  expect(other).toEqual({ tags: { a: '1', 'b.c': '2' } })
})
