import { expect, test } from 'vitest'
import { parse } from '../shared/parse/parse.ts'

/** What is no event is refused: where it is not one, and what to do. What is one is never refused. */

test.each(['42', '-4.5e+3 ', '1E5', '1e-05', '-12.25', '0', 'true', 'FALSE', 'null \n', '"42"'])(
  '%j is a single value',
  (text) => {
    expect(() => parse(text)).toThrow(
      'event: is a single JSON value, not an event. Send the event as Lambda, SNS or EventBridge delivers it',
    )
  },
)

test.each(['42 disks', '4.5.6', '1e', '-', '- 4', '.5', 'truely', 'x42', '1e5x'])('%j is a text', (text) => {
  expect(parse(text)).toMatchObject([{ kind: 'message', title: text }])
})

test.each<[unknown, string]>([
  [null, 'event: is null, not an event. Send the event as Lambda, SNS or EventBridge delivers it'],
  [undefined, 'event: is missing, not an event. Send the event as Lambda, SNS or EventBridge delivers it'],
  [7, 'event: is a number, not an event. Send the event as Lambda, SNS or EventBridge delivers it'],
  [{ Records: 'x' }, 'Records: is a string; a list of records is expected, as SQS and SNS send it to a Lambda'],
  [{ Records: { a: 1 } }, 'Records: is an object; a list of records is expected, as SQS and SNS send it to a Lambda'],
  [{ Records: [[]] }, 'Records[0]: is a list; a record with "Sns" (from SNS) or "body" (from SQS) is expected'],
  [{ Records: [{ Sns: [] }] }, 'Records[0].Sns: is a list; the notification is expected, an object with "Message"'],
  [
    { Type: 'Notification', Message: true },
    'Message: is a boolean; the text that was published, as SNS delivers it is expected',
  ],
  ['{"a":1, x}', 'event: is invalid JSON at character 8. Fix it, or send a plain text that does not start with { or ['],
  ['{"a":1', 'event: is invalid JSON at character 6. Fix it, or send a plain text that does not start with { or ['],
  ['{"a":', 'event: is invalid JSON somewhere in its 5 characters. Fix it, or'],
  [
    `{"a":"${'x'.repeat(20)}", x}`,
    'event: is invalid JSON at character 29. Fix it, or send a plain text that does not start with { or [',
  ],
  ['\ufeff \n', 'event: is an empty text. Send an event as JSON, or a non-empty message'],
])('%j', (event, problem) => {
  expect(() => parse(event)).toThrow(problem)
})

const bus = { version: '0', id: '1', 'detail-type': 'Forwarded', source: 'shop', account: '111122223333' }

test.each<[string, unknown, object[]]>([
  [
    'a bus carries a notification without a message: the event is shown',
    { ...bus, detail: { Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:111122223333:ops' } },
    [{ kind: 'aws-event', title: 'Forwarded: ops', details: { Type: 'Notification' } }],
  ],
  [
    'a bus carries an own event: it is that',
    { ...bus, detail: { title: 'Disk full', severity: 'low', Type: 'Notification', TopicArn: 'x', Message: 'y' } },
    [{ kind: 'event', title: 'Disk full' }],
  ],
  [
    'a notification in an envelope of something else',
    { detail: { Type: 'Notification', TopicArn: 'x', Message: 'full' } },
    [
      {
        kind: 'message',
        title: 'full',
        description: 'detail.Type: Notification\ndetail.TopicArn: x\ndetail.Message: full',
      },
    ],
  ],
  [
    'a message that is an object, and a broken envelope',
    { Type: 'Notification', Message: { Records: [] } },
    [{ kind: 'message', title: 'Message without content' }],
  ],
  ['a message that is an object', { Type: 'Notification', Message: { text: 'full' } }, [{ title: 'full' }]],
  ['a record with a body alone', { Records: [{ body: 'x' }] }, [{ title: 'x' }]],
  [
    'a record of another sender',
    { Records: [{ eventSource: 'aws:x', eventName: 'y' }, { body: 'z' }] },
    [{ title: 'X y' }, { title: 'z' }],
  ],
  [
    'attributes of a record: the sender’s, not the router’s',
    {
      Records: [
        {
          body: '{"Type":"Notification","Message":"x","MessageAttributes":{"team":{"Type":"String","Value":"shop"}}}',
          messageAttributes: { reason: { dataType: 'String', stringValue: 'r' }, redriven: { stringValue: 'yes' } },
        },
        { body: 'y', messageAttributes: { team: 'shop', tier: null, owner: { stringValue: 'ana' } } },
      ],
    },
    [
      { title: 'x', tags: { team: 'shop' }, details: { team: 'shop' } },
      { title: 'y', tags: { owner: 'ana' }, details: { owner: 'ana' } },
    ],
  ],
  [
    'events on lines of all ends',
    '{"title":"a","source":"s"}\r\n \r{"title":"b","source":"s"}',
    [{ title: 'a' }, { title: 'b' }],
  ],
  ['a text in quotes', '"x"', [{ title: 'x' }]],
  ['a text that only begins with a quote', '"x" and y', [{ title: '"x" and y' }]],
])('never refused: %s', (_, event, alerts) => {
  expect(parse(event)).toMatchObject(alerts)
})

test.each([
  ['one of them is none', '{"title":"a","source":"s"}\n{"b":1}'],
  ['one is no JSON', '{"title":"a","source":"s"}\n{b}'],
])('lines are refused where %s', (_, text) => {
  expect(() => parse(text)).toThrow('event: is invalid JSON')
})
