import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../local/engine.ts'
import { type AwsProxies, startAwsProxies } from '../local/faults/aws-proxies.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { newState } from '../shared/decide/alert-state.ts'
import { firing } from './alert-samples.ts'
import { startLocalEngine } from './local-engine.ts'

/** A state that another writes first: DynamoDB returns the existing item with its refusal; the emulator does not. */
const config = checkConfig({
  channels: { chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
let engine: Engine
let aws: AwsProxies
let store: typeof import('../shared/store/alerts.ts')

beforeAll(async () => {
  engine = await startLocalEngine(config)
  aws = await startAwsProxies(engine)
  Object.assign(process.env, aws.environment)
  store = await import('../shared/store/alerts.ts')
})
afterAll(async () => {
  await Promise.all([aws.sns.close(), aws.table.close()])
  await engine.stop()
})

const titled = (title: string) => (state: AlertState | undefined) => ({
  state: { ...(state ?? newState(firing.alert)), title: `${state?.title ?? ''} ${title}` },
  result: state?.version,
})

test('the existing item is taken from the refusal, or read if it is not in it', async () => {
  const { fingerprint } = newState(firing.alert)
  const { state: old } = await store.changeAlert(fingerprint, titled('first'))
  await store.changeAlert(fingerprint, titled('second'), old)
  aws.table.requests.length = 0
  // Refused, for the second has been written; read; written.
  const third = await store.changeAlert(fingerprint, titled('third'), old)
  expect(third).toMatchObject({ result: 2, state: { version: 3, title: ' first second third' } })
  expect(aws.table.requests).toHaveLength(3)

  const { version, title, status, changedAt, ...doc } = third.state as AlertState
  const there = {
    ...{ pk: { S: fingerprint }, sk: { S: 'state.2' }, version: { N: '3' }, doc: { S: JSON.stringify(doc) } },
    ...{ title: { S: title }, status: { S: status }, changedAt: { S: changedAt } },
  }
  aws.table.answerNext({
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: {
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: there,
    },
  })
  aws.table.requests.length = 0
  const fourth = await store.changeAlert(fingerprint, titled('fourth'), old)
  expect(fourth).toMatchObject({ result: 3, state: { version: 4, title: ' first second third fourth' } })
  expect(aws.table.requests).toHaveLength(2)
})
