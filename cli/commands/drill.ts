import { DRILL_CLASSES } from '../../schemas/drill.ts'
import { CONFIG, JSON_OPTION, ROUTER } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

const TIMEOUT = {
  value: 'TIME',
  default: '5m',
  what: 'How long a channel is waited for, such as 90s or 10m',
} as const
const EXITS = {
  0: 'Every channel accepted it, or its window holds it.',
  1: 'Something did not arrive, or AWS denied access.',
  130: 'Interrupted by Ctrl-C: what was fired is resolved.',
}

export const DRILL = spec({
  name: 'drill',
  group: 'Operate',
  summary: 'prove that alerts arrive: fire a marked test',
  about: `Fires a marked test through the real path to the real channels, follows it, resolves it, and says how long each channel took. Without a class or an alarm it lists the classes, what the rules do with each, and when each was last proven to arrive.

A drill of a critical class pages whoever is on call. It says so, and asks first.`,
  beside: 'give the class as --class data-loss',
  options: {
    class: { value: 'CLASS', many: true, choices: DRILL_CLASSES, what: 'Fire the event of this class' },
    all: { what: 'Fire the event of every class', conflicts: ['class', 'alarm'] },
    alarm: {
      value: 'NAME',
      conflicts: ['class'],
      what: 'Set this alarm to ALARM, to prove the whole way from CloudWatch on, and back to OK',
    },
    'with-actions': {
      what: 'With --alarm: also if that stops instances, scales, or starts an automation',
    },
    ...ROUTER,
    config: CONFIG,
    timeout: TIMEOUT,
    yes: { what: 'Do not ask' },
    json: JSON_OPTION,
  },
  notes: `What is published is the event of samples/ in the stage's own account and region, so that the rules decide as they would. Each message starts with [Drill]. A drill is an alert of its own: it changes nothing of a real one, and no metric, report or plan counts it.

Ctrl-C resolves what was fired. What a killed drill left open, the next one resolves.

With --alarm, the alarm must be OK, have the router among its actions, and not be muted. Its other actions run, too, and so do composite alarms above it, whose messages are not marked: it names them, and asks. It refuses actions of EC2, Auto Scaling and Systems Manager without --with-actions.

It needs sns:ListTopics, sns:Publish, sqs:GetQueueUrl, sqs:SendMessage, and of the table dynamodb:ListTables, dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem and dynamodb:Query; to publish to an encrypted topic, kms:GenerateDataKey* and kms:Decrypt. With --alarm also cloudwatch:DescribeAlarms, cloudwatch:ListAlarmMuteRules and cloudwatch:SetAlarmState.`,
  examples: [
    ['drill --stage prod', 'the classes, and when each was last proven'],
    ['drill --class data-loss --stage prod', 'page whoever is on call, and follow it'],
    ['drill --all --yes', 'every class, on the router that runs here'],
    ['drill --alarm orders-errors --stage prod', 'from CloudWatch on'],
  ],
  json: '{"drills": [{"drill", "id", "severity", "rule", "arrived", "channels": [{"channel", "outcome", "tookMs", "why", "until", "fallbackFor"}], "unresolved": [NAME], "firing": [ALARM]}]}; without a class {"classes": [{"class", "severity", "rule", "channels": [{"channel", "provenAt", "tookMs"}]}]}',
  exits: EXITS,
})

export const SEND = spec({
  name: 'send',
  group: 'Operate',
  summary: 'send a text to one channel, to try it',
  about:
    'Sends a text to one channel alone, through its own queue and function, and says how long that took. The rules, and the times of the channel, are passed over.',
  args: [
    {
      name: 'CHANNEL',
      what: 'A channel of the rules',
      ask: 'Which channel, and what? As in: send slack-critical "hello"',
    },
    { name: 'TEXT', what: 'The text', ask: 'What should it say? As in: send slack-critical "hello"' },
  ],
  beside: 'put the text in quotes',
  options: {
    ...ROUTER,
    config: CONFIG,
    timeout: TIMEOUT,
    yes: { what: 'Do not ask before it pages' },
    json: JSON_OPTION,
  },
  notes:
    'It is marked as a drill, and nothing counts it. In PagerDuty it opens an incident of severity info, and resolves it.',
  examples: [['send slack-critical hello --stage prod', 'one channel']],
  json: '{"channel", "id", "arrived", "outcome", "tookMs", "why"}',
  exits: { ...EXITS, 0: 'The channel accepted it.' },
})
