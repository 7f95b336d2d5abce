import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SlackApiStandIn } from '../local/stand-ins/index.ts'
import { orderText } from '../schemas/wake.ts'
import { Living } from './living.ts'
import { expectNoSecret } from './no-secret.ts'
import { alarmChange, arnOf } from './router-by-hand.ts'

/** Alerts in Slack by an app, from the event to Slack's Web API: one message each, and the rest in its thread. */
vi.hoisted(() => {
  process.env.INBOX = 'on'
})

const fast = { perMinute: 60_000 }
const life = new Living({
  channels: {
    app: { type: 'slack-app', secret: 'bot', channel: 'C0APP00000', ...fast },
    lead: { type: 'slack-app', secret: 'bot', channel: 'C0LEAD0000', ...fast },
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
  },
  severities: {
    critical: { channels: ['app'], remind: '20m', escalate: [{ after: '30m', to: ['app', 'lead'] }] },
    warning: { channels: ['app'] },
    info: { channels: ['pager'] },
  },
  rules: [{ name: 'quiet', when: { name: 'calm-*' }, severity: 'warning' }],
  default: { severity: 'critical' },
})

let slack: SlackApiStandIn
beforeAll(() => {
  slack = life.router.engine['slack-app']
})
beforeEach(() => {
  life.called('calm')
  slack.requests.length = 0
  slack.messages.length = 0
  slack.channels.clear()
  slack.answerBy()
  slack.refuseToken()
  slack.closeEditsAfter()
})

async function order(what: Parameters<typeof orderText>[0]): Promise<void> {
  const sqs = new SQSClient({})
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL, MessageBody: orderText(what) }))
  sqs.destroy()
  await life.router.work()
}
const acknowledge = (by: string) =>
  order({ acknowledge: arnOf(life.alarm), by, via: 'slack', at: new Date().toISOString() })

/** What people see, a line each: a reply is below its parent, and in the channel, too, if it is broadcast. */
function shown(channel = 'C0APP00000'): string[] {
  const of = slack.messages.filter((one) => one.channel === channel)
  const line = ({ text, isBroadcast }: (typeof of)[number]) => `${isBroadcast ? '(in channel) ' : ''}${firstWord(text)}`
  return of
    .filter(({ threadTs }) => threadTs === undefined)
    .flatMap((parent) => [
      [...parent.before, parent.text].map(firstWord).join(' → '),
      ...of.filter(({ threadTs }) => threadTs === parent.ts).map((one) => `  ${line(one)}`),
    ])
}
const firstWord = (text: string) => text.split(':')[0] ?? ''
const calls = () => slack.requests.map(({ path }) => path)
const buttons = (n = 0) =>
  JSON.parse(JSON.stringify(slack.messages[n]?.attachments))[0]
    .blocks.flatMap(({ elements = [] }) => elements)
    .filter(({ type }: { type: string }) => type === 'button')
    .map(({ action_id }: { action_id: string }) => action_id)

describe('an alert has one message, which is edited as it lives', () => {
  test('it fires, and resolves', async () => {
    await life.come('ALARM 10:00', 'OK 10:12')
    expect(shown()).toEqual(['WARNING → RESOLVED'])
    expect(slack.messages[0]?.text).toContain('(fired for 12 min)')
    expect(calls()).toEqual(['chat.postMessage', 'chat.update'])
  })

  test('somebody acknowledges it: its first word says so, and its text by whom', async () => {
    await life.come('ALARM 10:00')
    expect(buttons()).toEqual(['acknowledge', 'silence', 'alarm'])
    life.at('10:03')
    await acknowledge('ann')
    expect(JSON.stringify(slack.messages[0])).toContain('Acknowledged by ann at 10:03:00 UTC in Slack.')
    expect(buttons()).toEqual(['silence', 'alarm'])
    await life.come('OK 10:12')
    expect(shown()).toEqual(['WARNING → ACKNOWLEDGED → RESOLVED'])
    expect(buttons()).toEqual(['alarm'])
  })

  test('it fires again: that is in its thread, and in the channel', async () => {
    await life.come('ALARM 10:00', 'OK 10:12', 'ALARM 10:20', 'OK 10:25')
    expect(shown()).toEqual(['WARNING → RESOLVED → WARNING → RESOLVED', '  (in channel) WARNING'])
  })

  test('it fires again a day later: that is another message', async () => {
    await life.come('ALARM 10:00', 'OK 10:12', 'ALARM 34:13')
    expect(shown()).toEqual(['WARNING → RESOLVED', 'WARNING'])
  })

  test('it loses its data: that is in its thread', async () => {
    await life.come('ALARM 10:00', 'INSUFFICIENT_DATA 10:05')
    expect(shown()).toEqual(['WARNING → NO DATA', '  NO DATA'])
  })

  test('nobody reacts: it is reminded of in the thread, and an escalation is in the channel; others get their own', async () => {
    life.called('loud')
    await life.come('ALARM 10:00')
    await life.passUntil('10:45')
    await life.come('OK 10:50')
    const [parent = '', ...thread] = shown()
    expect(parent).toMatch(/^CRITICAL .*→ RESOLVED$/)
    expect(thread).toEqual(['  STILL FIRING', '  (in channel) ESCALATED'])
    expect(shown('C0LEAD0000')).toEqual(['ESCALATED → RESOLVED'])
  })

  test('what somebody writes about it is in its thread', async () => {
    await life.come('ALARM 10:00')
    await order({ note: arnOf(life.alarm), text: 'rolled back', by: 'ann', via: 'cli', at: life.iso('10:01') })
    expect(shown()).toEqual(['WARNING → WARNING', '  NOTE'])
    expect(JSON.stringify(slack.messages[1])).toContain('ann: rolled back')
  })

  test('the acknowledgement ends: the message has its button again, and its thread says so', async () => {
    await life.come('ALARM 10:00')
    life.at('10:03')
    await acknowledge('ann')
    await order({ unacknowledge: arnOf(life.alarm), by: 'ann', via: 'cli', at: life.iso('10:04') })
    expect(shown()).toEqual(['WARNING → ACKNOWLEDGED → WARNING', '  NOT ACKNOWLEDGED'])
    expect(buttons()).toEqual(['acknowledge', 'silence', 'alarm'])
  })
})

describe('an answer gets lost: Slack has it once', () => {
  const lose = (method: string, times = 1) => {
    let left = times
    slack.answerBy(({ path }) => (path === method && left-- > 0 ? 'cut-before-answer' : undefined))
  }

  test('of the first message: it is found, and edited from then on', async () => {
    lose('chat.postMessage')
    await life.come('ALARM 10:00')
    await life.passUntil('10:02')
    expect(shown()).toEqual(['WARNING'])
    expect(calls()).toEqual(['chat.postMessage', 'conversations.history'])
    await life.come('OK 10:12')
    expect(shown()).toEqual(['WARNING → RESOLVED'])
  })

  test('of the first message, and it ends before that is known', async () => {
    slack.answerBy(({ path }, n) =>
      n === 0 ? 'cut-before-answer' : path === 'conversations.history' ? { status: 503 } : undefined,
    )
    await life.come('ALARM 10:00')
    await life.come('OK 10:05')
    expect(shown()).toEqual(['WARNING'])
    slack.answerBy()
    await life.passUntil('10:30')
    expect(shown()).toEqual(['WARNING → RESOLVED'])
  })

  test('half of it arrives', async () => {
    slack.answerNext('cut-in-body')
    await life.come('ALARM 10:00')
    await life.passUntil('10:02')
    expect(shown()).toEqual(['WARNING'])
  })

  test('again and again', async () => {
    slack.answerBy(({ path }) => (path === 'chat.postMessage' ? 'cut-before-answer' : undefined))
    await life.come('ALARM 10:00')
    await life.passUntil('10:30')
    expect(shown()).toEqual(['WARNING'])
  })

  test('of a reply in the thread', async () => {
    await life.come('ALARM 10:00', 'OK 10:12')
    lose('chat.postMessage')
    await life.come('ALARM 10:20')
    await life.passUntil('10:22')
    expect(shown()).toEqual([expect.stringMatching(/^WARNING → RESOLVED → WARNING/), '  (in channel) WARNING'])
  })

  test('of the first message, and then of a reply in its thread', async () => {
    lose('chat.postMessage', 2)
    await life.come('ALARM 10:00')
    await life.router.come(alarmChange(life.alarm, 'ALARM', life.iso('10:00:01')))
    await life.passUntil('10:05')
    expect(shown()).toEqual(['WARNING → WARNING', '  (in channel) WARNING'])
  })

  test('of an edit: it is made again, which nobody sees', async () => {
    await life.come('ALARM 10:00')
    lose('chat.update')
    await life.come('OK 10:12')
    await life.passUntil('10:15')
    expect(shown()).toEqual(['WARNING → RESOLVED → RESOLVED'])
  })

  test.each(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable'])(
    'Slack answers %s, and has it nevertheless',
    async (error) => {
      let isFirst = true
      slack.answerBy(({ path }) => (path === 'chat.postMessage' && isFirst ? 'cut-before-answer' : undefined))
      await life.come('ALARM 10:00')
      isFirst = false
      slack.answerBy(({ path }) =>
        path === 'chat.postMessage' ? { status: 200, body: { ok: false, error } } : undefined,
      )
      await life.passUntil('10:02')
      expect(shown()).toEqual(['WARNING'])
    },
  )

  test('what was not accepted is posted, once', async () => {
    slack.answerNext('reset', { status: 500 }, { status: 200, body: { ok: false, error: 'internal_error' } })
    await life.come('ALARM 10:00')
    await life.passUntil('10:10')
    expect(shown()).toEqual(['WARNING'])
  })

  test('a message of another stage in the same Slack channel is not taken for it', async () => {
    lose('chat.postMessage')
    await life.come('ALARM 10:00')
    const [message] = slack.messages
    const { metadata } = message as unknown as { metadata: { event_payload: { router: string } } }
    metadata.event_payload.router = 'another us-east-1'
    await life.passUntil('10:02')
    expect(shown()).toEqual(['WARNING', 'WARNING'])
  })

  test('where the bot may not read the channel, it is posted again: twice is better than never', async () => {
    lose('chat.postMessage')
    slack.answerBy(({ path }, n) => {
      if (n === 0) return 'cut-before-answer'
      const body = { ok: false, error: 'missing_scope', needed: 'channels:history', provided: 'chat:write' }
      return path === 'conversations.history' ? { status: 200, body } : undefined
    })
    await life.come('ALARM 10:00')
    await life.passUntil('10:02')
    expect(shown()).toEqual(['WARNING', 'WARNING'])
  })
})

describe('a storm', () => {
  const names = () => ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${life.alarm}-${letter}`)
  const come = async (value: 'ALARM' | 'OK', time: string, some = names()) => {
    life.at(time)
    await life.router.come(...some.map((name) => alarmChange(name, value, life.iso(time))))
    await life.router.work()
  }

  /** The digest as people see it: how many alerts there are, and which of them under which heading, by their last letters. */
  const digest = () => {
    const { text = '', attachments } = slack.messages[0] ?? {}
    const [, ...sections] = JSON.stringify(attachments).split(/\*(?=(?:Firing|Resolved) \()/)
    const letters = (section: string) => (section.match(/(?<=-)[a-f](?=>)/g) ?? []).sort().join('')
    const lines = sections.map((section) => `${section.split(' ')[0]} ${letters(section)}`)
    return [/\d alerts[^(]*(?= \()/.exec(text)?.[0], lines.join(', ')]
  }

  test('is one message, and what becomes of its alerts is in its thread', async () => {
    await come('ALARM', '10:00')
    expect(shown()).toEqual(['WARNING'])
    expect(digest()).toEqual(['6 alerts: all firing', 'Firing abcdef'])
    const [first = '', ...others] = names()
    await come('OK', '10:05', [first])
    expect(shown()).toEqual(['WARNING → WARNING', '  RESOLVED'])
    await come('OK', '10:10', others)
    expect(shown()).toEqual(['WARNING → WARNING → RESOLVED', '  RESOLVED', '  RESOLVED'])
    expect(slack.messages[2]?.text).toContain('5 alerts')
  })

  test('shows each of its alerts as it is now', async () => {
    await come('ALARM', '10:00')
    const [first = '', second = ''] = names()
    await come('OK', '10:05', [second])
    expect(digest()).toEqual(['6 alerts: 5 firing, 1 resolved, within 5 min', 'Firing acdef, Resolved b'])
    expect(JSON.stringify(slack.messages[0])).toContain('fired for 5 min')
    await come('OK', '10:06', [first])
    expect(digest()[1]).toBe('Firing cdef, Resolved ab')
    await come('ALARM', '10:08', [second])
    expect(digest()[1]).toBe('Firing bcdef, Resolved a')
    await come('OK', '10:10')
    expect(digest()).toEqual(['6 alerts, within 4 min', 'Resolved abcdef'])
  })

  test('is edited once for all that change at once', async () => {
    await come('ALARM', '10:00')
    slack.requests.length = 0
    await come('OK', '10:05')
    expect(calls()).toEqual(['chat.postMessage', 'chat.update'])
  })

  test('an alert of it that has a message in the thread keeps that', async () => {
    await come('ALARM', '10:00')
    const [first = ''] = names()
    await come('OK', '10:05', [first])
    await come('ALARM', '10:10', [first])
    await come('OK', '10:15', [first])
    const [, own, again] = slack.messages
    expect(own?.before.concat(own.text).map(firstWord)).toEqual(['RESOLVED', 'WARNING', 'RESOLVED'])
    expect(again).toMatchObject({ threadTs: slack.messages[0]?.ts, isBroadcast: true })
    expect(slack.messages).toHaveLength(3)
  })

  test('whose answer gets lost is found, for all of its alerts', async () => {
    slack.answerNext('cut-before-answer')
    await come('ALARM', '10:00')
    await life.passUntil('10:05')
    expect(shown()).toEqual(['WARNING'])
    await come('OK', '10:10')
    expect(shown()).toEqual(['WARNING → RESOLVED', '  RESOLVED'])
  })

  test('whose answer gets lost, and of which one ends meanwhile: nobody gets anything twice', async () => {
    slack.answerNext('cut-before-answer')
    const [first = ''] = names()
    await come('ALARM', '10:00')
    life.at('10:00')
    await come('OK', '10:00:01', [first])
    await life.passUntil('10:05')
    expect(shown()).toEqual(['WARNING → WARNING', '  RESOLVED'])
  })

  test('whose message was deleted gets a new one, which is edited from then on', async () => {
    await come('ALARM', '10:00')
    slack.messages.length = 0
    const some = names().slice(0, 4)
    await come('OK', '10:05', some)
    expect(slack.messages[0]?.text).toMatch(/^RESOLVED: 4 alerts/)
    await come('ALARM', '10:10', some)
    expect(slack.messages[0]?.text).toMatch(/^WARNING: 4 alerts: all firing/)
    await come('OK', '10:15', some)
    expect(slack.messages[0]?.text).toMatch(/^RESOLVED: 4 alerts/)
  })

  describe('and the table refuses what becomes of an alert', () => {
    /** As a throttled partition: the digest's own. */
    const refuse = async (times: number) => {
      const { table } = await import('../shared/aws/table.ts')
      const real = table.send.bind(table) as (...all: unknown[]) => Promise<unknown>
      const isNote = ({ input }: { input: { Key?: { pk?: { S?: string } }; UpdateExpression?: string } }) =>
        input.Key?.pk?.S?.startsWith('digest#') && input.UpdateExpression?.includes('doc')
      let left = times
      return vi.spyOn(table, 'send').mockImplementation((async (...all: unknown[]) => {
        if (!isNote(all[0] as Parameters<typeof isNote>[0]) || left-- <= 0) return real(...all)
        throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' })
      }) as typeof table.send)
    }

    test.each([
      ['once', 1, '6 alerts: 5 firing, 1 resolved, within 5 min', 'Firing bcdef, Resolved a'],
      ['always', 99, '6 alerts: all firing', 'Firing abcdef'],
    ])('%s: its own message is sent anyway', async (_, times, text, lines) => {
      await come('ALARM', '10:00')
      const refusing = await refuse(times)
      await come('OK', '10:05', names().slice(0, 1))
      await life.passUntil('10:10')
      refusing.mockRestore()
      expect(shown().slice(1)).toEqual(['  RESOLVED'])
      expect(digest()).toEqual([text, lines])
    })
  })

  describe('whose digest can’t be edited', () => {
    const refuse = (answer: object | 'cut-before-answer' | 'hang', times = 1) => {
      let left = times
      slack.answerBy(({ path }) => (path === 'chat.update' && left-- > 0 ? (answer as never) : undefined))
    }
    const ends = async () => {
      await come('ALARM', '10:00')
      await come('OK', '10:05', names().slice(0, 1))
    }

    test.each([
      [
        'Slack asks to wait',
        { status: 429, headers: { 'retry-after': '60' }, body: { ok: false, error: 'ratelimited' } },
      ],
      ['Slack is down', { status: 503 }],
      ['its answer gets lost', 'cut-before-answer' as const],
    ])('for now, as %s: it is, later; its alerts have their messages', async (_, answer) => {
      refuse(answer, 1)
      await ends()
      expect(shown()[1]).toBe('  RESOLVED')
      await life.passUntil('10:10')
      expect(digest()[1]).toBe('Firing bcdef, Resolved a')
      expect(shown()).toHaveLength(2)
    })

    test('as long as Slack fails to: its alerts have their messages, once, and no fallback hears of it', async () => {
      refuse({ status: 500 }, Number.POSITIVE_INFINITY)
      await ends()
      for (const [n, name] of names().slice(1).entries())
        await come('OK', `10:${String(n + 6).padStart(2, '0')}`, [name])
      await life.passUntil('10:30')
      expect(shown()).toEqual(['WARNING', ...names().map(() => '  RESOLVED')])
      expect(await life.router.deadLetters('slack-app')).toEqual([])
      slack.answerBy()
      await come('ALARM', '10:40', names().slice(0, 1))
      expect(digest()[1]).toBe('Firing a, Resolved bcdef')
    })

    test.each(['edit_window_closed', 'message_not_found', 'is_archived'])(
      'any more (%s): it stays as it is, and nothing is sent twice',
      async (error) => {
        refuse({ status: 200, body: { ok: false, error } }, 1)
        await ends()
        await life.passUntil('10:30')
        expect(shown()).toEqual(['WARNING', '  RESOLVED'])
        expect(calls().filter((path) => path === 'chat.update')).toHaveLength(1)
      },
    )
  })

  test('that an earlier version posted, stays as it is', async () => {
    await come('ALARM', '10:00')
    const { changeAlert } = await import('../shared/store/alerts.ts')
    for (const name of names())
      await changeAlert(arnOf(name), (now) => {
        const state = structuredClone(now)
        delete state?.recipients.app?.posted?.digest
        return { state, result: undefined }
      })
    await come('OK', '10:05')
    expect(shown()).toEqual(['WARNING', '  RESOLVED'])
  })

  test('of alerts with messages of their own edits each of these', async () => {
    const some = names().slice(0, 5)
    for (const [n, name] of some.entries()) await come('ALARM', `10:0${n}`, [name])
    await come('OK', '10:10', some)
    expect(shown()).toEqual(some.map(() => 'WARNING → RESOLVED'))
  })
})

describe('what Slack has no more', () => {
  test('a message whose place is not known, of an earlier version, gets a new one, which is edited from then on', async () => {
    await life.come('ALARM 10:00')
    const { changeAlert } = await import('../shared/store/alerts.ts')
    await changeAlert(arnOf(life.alarm), (now) => {
      const state = structuredClone(now)
      if (state?.recipients.app) delete state.recipients.app.posted
      return { state, result: undefined }
    })
    await life.come('OK 10:12', 'ALARM 10:20')
    expect(shown()).toEqual(['WARNING', 'RESOLVED → WARNING', '  (in channel) WARNING'])
  })

  test('a message that somebody deleted is posted again', async () => {
    await life.come('ALARM 10:00')
    slack.messages.length = 0
    await life.come('OK 10:12')
    expect(shown()).toEqual(['RESOLVED'])
  })

  test('a message that may not be edited any more is posted again', async () => {
    slack.closeEditsAfter(300)
    await life.come('ALARM 10:00', 'OK 10:12')
    expect(shown()).toEqual(['WARNING', 'RESOLVED'])
  })

  test('a message of another app is left alone', async () => {
    await life.come('ALARM 10:00')
    Object.assign(slack.messages[0] ?? {}, { isForeign: true })
    await life.come('OK 10:12')
    expect(shown()).toEqual(['WARNING', 'RESOLVED'])
  })

  test.each<[string, object, RegExp]>([
    ['deleted', { isDeleted: true }, /channel_not_found: there is no such channel/],
    ['archived', { isArchived: true }, /is_archived: the channel is archived/],
    ['without the bot', { hasBot: false }, /not_in_channel: invite the bot to the channel/],
    [
      'private, without the bot',
      { isPrivate: true, hasBot: false },
      /private and the bot is not in it: invite the bot/,
    ],
  ])('a channel that is %s: a dead letter says what to do', async (_, is, reason) => {
    slack.setChannel('C0APP00000', is)
    await life.come('ALARM 10:00')
    expect((await life.router.deadLetters('slack-app')).map((one) => one.reason)).toEqual([
      expect.stringMatching(reason),
    ])
  })
})

describe('Slack asks to wait', () => {
  const headers = { 'retry-after': '90' }
  test.each<[string, object]>([
    ['429', { status: 429, headers, body: { ok: false, error: 'ratelimited' } }],
    ['429, with the other spelling', { status: 429, headers, body: { ok: false, error: 'rate_limited' } }],
    ['ratelimited in a 200', { status: 200, headers, body: { ok: false, error: 'ratelimited' } }],
    ['rate_limited in a 200', { status: 200, headers, body: { ok: false, error: 'rate_limited' } }],
  ])('%s: nobody calls it until then, and no attempt is lost', async (_, answer) => {
    slack.answerNext(answer as never)
    await life.come('ALARM 10:00')
    expect((await life.state())?.recipients.app).toMatchObject({ tries: 0, waits: 1 })
    await life.passUntil('10:01')
    expect(calls()).toEqual(['chat.postMessage'])
    await life.passUntil('10:03')
    expect(calls()).toEqual(['chat.postMessage', 'chat.postMessage'])
    expect(shown()).toEqual(['WARNING'])
  })
})

describe('the token', () => {
  const reasons = async () => (await life.router.deadLetters('slack-app')).map(({ reason }) => reason)

  test('is read again when it is revoked, and the alert is sent with the new one', async () => {
    slack.refuseToken('token_revoked')
    await life.come('ALARM 10:00')
    expect(await reasons()).toEqual([expect.stringMatching(/token_revoked; check the secret of the channel/)])
    slack.refuseToken()
    await life.router.redrive('slack-app')
    await life.router.work()
    expect(shown()).toEqual(['WARNING'])
  })

  test('lacks a scope: the dead letter names it', async () => {
    const body = { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'none' }
    slack.answerNext({ status: 200, body })
    await life.come('ALARM 10:00')
    expect(await reasons()).toEqual([expect.stringMatching(/missing_scope \(chat:write\): add it to the app/)])
  })

  test('is in no capture and no dead letter', async () => {
    slack.answerNext({ status: 200, body: { ok: false, error: 'no thanks to xoxb-bot' } })
    slack.answerNext({ status: 400, body: 'xoxb-bot' })
    await life.come('ALARM 10:00')
    await life.passUntil('10:05')
    expectNoSecret([slack.requests, await reasons(), await life.state()], ['xoxb-bot'])
  })
})
