import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Answer } from '../local/stand-ins/exchange.ts'
import { type StandIn, startStandIn } from '../local/stand-ins/stand-in.ts'
import { ChannelError } from '../shared/channels/channel.ts'
import { email } from '../shared/channels/email/index.ts'
import { firing } from './alert-samples.ts'
import { expectNoSecret } from './no-secret.ts'

describe('sending', () => {
  let fauxqs: FauxqsServer
  /** A proxy in front of fauxqs, so that a test can make SNS fail. */
  let sns: StandIn
  let sqs: SQSClient
  let topic = ''
  let queue = ''

  beforeAll(async () => {
    fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    const behind = new URL(`http://127.0.0.1:${fauxqs.port}`)
    sns = await startStandIn({
      answer: () => ({ status: 500 }),
      capture: ({ path, bytes }) => ({ path, body: bytes.toString() }),
      forwardTo: () => behind,
    })
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
    vi.stubEnv('AWS_ENDPOINT_URL', sns.url)
    vi.stubEnv('LOG_LEVEL', 'SILENT')
    sqs = new SQSClient({ endpoint: behind.href, useQueueUrlAsEndpoint: false })
    const client = new SNSClient({})
    topic = (await client.send(new CreateTopicCommand({ Name: 'email' }))).TopicArn ?? ''
    queue = (await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }))).QueueUrl ?? ''
    const Endpoint = 'arn:aws:sqs:eu-west-1:000000000000:inbox'
    await client.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint }))
  })

  afterEach(() => sns.answerBy())

  afterAll(async () => {
    vi.unstubAllEnvs()
    await sns.close()
    await fauxqs.stop()
  })

  function send(target: string, timeoutMs = 5_000): Promise<unknown> {
    return email.send(email.render(firing), { channel: 'email', target, notificationId: 'n-1', timeoutMs })
  }

  async function errorOf(sent: Promise<unknown>): Promise<ChannelError> {
    const error = await sent.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (!(error instanceof ChannelError)) throw new Error('expected a ChannelError', { cause: error })
    expectNoSecret(error, [topic])
    return error
  }

  test('uses the topic’s region for another server', async () => {
    const elsewhere = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: 'eu-central-1' })
    const target = elsewhere.createTopic('abroad').topicArn
    elsewhere.createQueue('abroad')
    elsewhere.subscribe({ topic: 'abroad', queue: 'abroad' })
    const to = { channel: 'email', target, notificationId: 'n', timeoutMs: 5_000, server: elsewhere.address }
    await email.send(email.render(firing), to)
    expect(elsewhere.inspectQueue('abroad')?.messages.ready).toHaveLength(1)
    await elsewhere.stop()
  })

  test('the topic receives subject and text, and the id of the notification', async () => {
    await send(topic)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 5 }))
    const { subject, text } = email.render(firing)
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
      Subject: subject,
      Message: text,
      MessageAttributes: { notificationId: { Type: 'String', Value: 'n-1' } },
    })
  })

  test('a deleted topic is not retried, and the error says what to do', async () => {
    const error = await errorOf(send(`${topic}-gone`))
    expect(error).toMatchObject({ retry: 'never', status: 404 })
    expect(error.message).toMatch(
      /^SNS \(channel email\) answered NotFound.*; the topic .* no longer exists: deploy the stack again$/,
    )
  })

  test.each([
    [403, 'AuthorizationError', 'never', /must allow sns:Publish/],
    [400, 'InvalidParameter', 'never', /InvalidParameter/],
    [400, 'KMSAccessDenied', 'never', /kms:GenerateDataKey/],
    [403, 'ExpiredToken', 'later', /ExpiredToken/],
    [400, 'Throttling', 'later', /Throttling/],
    [500, 'InternalError', 'later', /InternalError/],
  ])('%d %s: %s', async (status, code, retry, message) => {
    const body = `<ErrorResponse><Error><Type>x</Type><Code>${code}</Code><Message>About ${topic}</Message></Error></ErrorResponse>`
    sns.answerBy(() => ({ status, body, headers: { 'content-type': 'text/xml' } }))
    const error = await errorOf(send(topic))
    expect(error).toMatchObject({ retry, status })
    expect(error.message).toMatch(message)
  })

  test.each<[string, Answer, number]>([
    [
      'is refused',
      { status: 403, body: '<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>' },
      5_000,
    ],
    ['is answered by nonsense', { status: 200, body: '<a/>' }, 5_000],
    ['fails', { status: 500 }, 5_000],
    ['breaks', 'reset', 5_000],
    ['is never answered', 'hang', 400],
  ])('when the check of the subscriptions %s, the email is sent anyway', async (how, answer, timeoutMs) => {
    const { TopicArn: target = '' } = await new SNSClient({}).send(
      new CreateTopicCommand({ Name: how.replaceAll(' ', '-') }),
    )
    const isLook = ({ body }: { body: unknown }) => String(body).includes('Action=GetTopicAttributes')
    const before = sns.requests.length
    sns.answerBy((request) => (isLook(request) ? answer : undefined))
    await send(target, timeoutMs)
    await send(target, timeoutMs)
    const requests = sns.requests.slice(before)
    expect(requests.filter((one) => !isLook(one))).toHaveLength(2)
    // The second send uses the cached answer; the SDK tries a failed call twice.
    expect(requests.filter(isLook).length).toBeLessThanOrEqual(2)
  })

  test('nothing is published without a confirmed address', async () => {
    const { TopicArn: target = '' } = await new SNSClient({}).send(new CreateTopicCommand({ Name: 'nobody' }))
    const error = await errorOf(send(target))
    expect(error).toMatchObject({ retry: 'later', status: 404 })
    expect(error.message).toMatch(/^no confirmed subscription for channel email: /)
    const published = sns.requests.filter(({ body }) => String(body).includes('Action=Publish'))
    expect(published.filter(({ body }) => String(body).includes('%3Anobody'))).toEqual([])
  })

  test('a broken connection is retried later', async () => {
    sns.answerBy(() => 'reset')
    expect(await errorOf(send(topic))).toMatchObject({ retry: 'later', status: undefined })
  })

  test('a call without a response ends at the timeout', async () => {
    sns.answerBy(() => 'hang')
    const error = await errorOf(send(topic, 100))
    expect(error).toMatchObject({ retry: 'later', message: 'SNS (channel email) did not answer within 100 ms' })
  })
})
