import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/** Lines of a log group, by a subscription of CloudWatch Logs: packed or not, in SNS or as a Lambda is given them. */
const DATA = {
  ...{
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/aws/ecs/shop',
    logStream: 'app/0a',
    subscriptionFilters: ['errors'],
  },
  logEvents: [
    { id: '1', timestamp: Date.UTC(2026, 8, 14, 11, 18), message: 'INFO started' },
    { id: '2', timestamp: Date.UTC(2026, 8, 14, 11, 19), message: '11:19 ERROR payment refused\n  at pay.js:1' },
  ],
}
const packed = (data: unknown) => gzipSync(JSON.stringify(data)).toString('base64')
const inSns = (Message: string) => ({
  ...{ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:logs', Message },
})
const read = (input: unknown): Alert[] => parse(input).map((alert) => alertSchema.parse(alert))

describe('lines of a log', () => {
  test.each([
    ['as a Lambda is given them', { awslogs: { data: packed(DATA) } }, undefined],
    ['packed, in SNS', inSns(packed(DATA)), 'eu-west-1'],
    ['as a Lambda is given them, in SNS', inSns(JSON.stringify({ awslogs: { data: packed(DATA) } })), 'eu-west-1'],
    ['unpacked, in SNS', inSns(JSON.stringify(DATA)), 'eu-west-1'],
  ])('%s', (_, input, region) => {
    expect(read(input)).toMatchObject([
      {
        ...{ kind: 'message', source: 'aws.logs', resource: '/aws/ecs/shop', account: '111122223333' },
        ...{ title: '11:19 ERROR payment refused', declaredSeverity: 'error', reason: '2 lines' },
        ...{ changedAt: '2026-09-14T11:18:00.000Z', description: expect.stringContaining('INFO started') },
        details: { logGroup: '/aws/ecs/shop', logStream: 'app/0a', filters: 'errors', lines: '2' },
      },
    ])
    if (region)
      expect(read(input)[0]?.links.logs).toContain(
        '/log-group/$252Faws$252Fecs$252Fshop/log-events/app$252F0a$3Fstart$3D',
      )
  })

  test('that are JSON say what is in their message', () => {
    const message = JSON.stringify({ level: 'error', msg: 'order 4711 not stored', token: 'x' })
    expect(read(inSns(JSON.stringify({ ...DATA, logEvents: [{ id: '1', message }] })))).toMatchObject([
      { title: 'order 4711 not stored', declaredSeverity: 'error' },
    ])
  })

  test('the same delivered again are the same', () => {
    const [one] = read({ awslogs: { data: packed(DATA) } })
    const [again] = read({ awslogs: { data: packed(DATA) } })
    const [other] = read({ awslogs: { data: packed({ ...DATA, logEvents: [{ id: '3', message: 'x' }] }) } })
    expect(again?.fingerprint).toBe(one?.fingerprint)
    expect(other?.fingerprint).not.toBe(one?.fingerprint)
  })

  test('that ask whether the subscription works tell nobody of anything', () => {
    expect(read({ awslogs: { data: packed({ ...DATA, messageType: 'CONTROL_MESSAGE' }) } })).toEqual([])
  })

  test.each([
    ['what is no gzip', 'H4sIAAAAAAAA'],
    ['what unpacks to no JSON', gzipSync('text').toString('base64')],
    ['what unpacks to something else', packed({ a: 1 })],
    ['what unpacks to more than any log sends', packed({ logGroup: 'x'.repeat(9_000_000) })],
  ])('are not %s: that is a message', (_, text) => {
    expect(read(inSns(text))).toMatchObject([{ kind: 'message' }])
  })
})
