import type { Refused } from '../questions/ask.ts'
import type { EstateAlarm } from './alarm.ts'
import type { Edit } from './fix.ts'

/** What it does to people, the worst first. */
export const HARMS = ['lost-page', 'noise', 'tidiness'] as const
export type Harm = (typeof HARMS)[number]

export const HARM_MEANS: Record<Harm, string> = {
  'lost-page': 'something can break, and nobody hears of it',
  noise: 'people hear what they can’t use, and stop listening',
  tidiness: 'whoever is woken loses time',
}

interface Kind {
  harm: Harm
  /** Of the alarms that have it, as a headline: `No action notifies anybody`. */
  title: string
  why: string
  fix: string
}

/** There is no call that adds to a policy. */
const WHOLE_POLICY =
  'puts the whole policy again, as it was when it was read: compare it with the one that the command before it prints.'

/** All that can be wrong with an alarm before it fires, the worst first. */
export const KINDS = {
  'reaches-nobody': {
    harm: 'lost-page',
    title: 'No action notifies anybody',
    why: 'The alarm changes its colour in the console, and nobody is notified.',
    fix: 'Send it to the router, or delete it.',
  },
  'not-pointed-at-us': {
    harm: 'lost-page',
    title: 'No action leads to the router',
    why: 'No rule of the router decides about it, and nothing records it.',
    fix: 'Add the topic of the router to its actions.',
  },
  'rules-notify-nobody': {
    harm: 'lost-page',
    title: 'The rules send it to nobody',
    why: 'The router receives it, and no channel is notified.',
    fix: 'Give its rule or its severity a channel that may have it: see rules explain.',
  },
  'actions-disabled': {
    harm: 'lost-page',
    title: 'Its actions are disabled',
    why: 'CloudWatch evaluates it, and runs none of its actions.',
    fix: 'Enable them. For a maintenance, use a mute rule, or a maintenance of the router: they end without anybody.',
  },
  'muted-for-weeks': {
    harm: 'lost-page',
    title: 'Muted for weeks',
    why: 'While it is muted, CloudWatch runs none of its actions.',
    fix: 'End the mute rules, see to the alarm that suppresses it, or delete the alarm.',
  },
  'dead-topic': {
    harm: 'lost-page',
    title: 'Its topic does not exist',
    why: 'CloudWatch publishes to nothing, and shows no error on the alarm.',
    fix: 'Point it at a topic that there is.',
  },
  'no-subscription': {
    harm: 'lost-page',
    title: 'Nobody has subscribed to its topic',
    why: 'What is published there is discarded.',
    fix: 'Subscribe somebody, and confirm it; or point the alarm at the router.',
  },
  'topic-refuses': {
    harm: 'lost-page',
    title: 'Its topic does not let CloudWatch publish',
    why: 'Publishing fails, and only the history of the alarm shows it.',
    fix: `Let the policy of the topic allow it. The command ${WHOLE_POLICY}`,
  },
  'key-unusable': {
    harm: 'lost-page',
    title: 'CloudWatch can’t use the key of its topic',
    why: 'Publishing fails, and only the history of the alarm shows it.',
    fix: `Encrypt the topic with a key of your own, whose policy lets cloudwatch.amazonaws.com use it. A command that changes the policy ${WHOLE_POLICY}`,
  },
  'action-failed': {
    harm: 'lost-page',
    title: 'CloudWatch could not run its action',
    why: 'It changed its state, and whom this action notifies did not hear of it. Only its history shows that.',
    fix: 'Correct what CloudWatch says: mostly the policy of the topic, its key, or a topic that is gone.',
  },
  'never-had-data': {
    harm: 'lost-page',
    title: 'Never had data',
    why: 'Nobody publishes its metric, under exactly this name and these dimensions: it can’t fire.',
    fix: 'Correct the metric or its dimensions, publish it, or delete the alarm.',
  },
  'lost-data': {
    harm: 'lost-page',
    title: 'Has lost its data',
    why: 'Its metric is no longer published: it can’t fire.',
    fix: 'Find out who published it. If what it watches is gone, delete it. If silence is bad, treat missing data as breaching.',
  },
  'evaluation-broken': {
    harm: 'lost-page',
    title: 'CloudWatch can’t evaluate it',
    why: 'Its state says nothing about what it watches.',
    fix: 'Correct what the reason says: an expression, a query of too many series, a missing permission.',
  },
  'percent-over-100': {
    harm: 'lost-page',
    title: 'A percentage never gets there',
    why: 'The threshold is 100 % or more: it fires never, or always.',
    fix: 'Correct the threshold. Was a fraction or a count meant?',
  },
  'child-gone': {
    harm: 'lost-page',
    title: 'Combines alarms that are gone',
    why: 'What a missing alarm was to say is never true: the rule may not fire any more.',
    fix: 'Correct the rule, or create the alarm again.',
  },
  'no-ok-action': {
    harm: 'noise',
    title: 'Nothing resolves it',
    why: 'No OK is sent: messages stay red, and incidents open. While one is open, the next firing wakes nobody.',
    fix: 'Send its OK where its ALARM goes.',
  },
  'stuck-in-alarm': {
    harm: 'noise',
    title: 'In ALARM for more than a week',
    why: 'Nobody acts on it; and it can’t report anything new, because CloudWatch does not repeat it.',
    fix: 'Fix what it reports, or its threshold; or delete it.',
  },
  flapping: {
    harm: 'noise',
    title: 'Flaps',
    why: 'Who is woken by it again and again, switches it off.',
    fix: 'Let it need more datapoints (M of N), or another threshold.',
  },
  duplicate: {
    harm: 'noise',
    title: 'The same alarm twice',
    why: 'One problem is reported as several.',
    fix: 'Keep one, and delete the others, unless a deployment, a rollback or a Route 53 health check names them: nothing here knows that. Where it says why not, decide by hand.',
  },
  'only-default': {
    harm: 'noise',
    title: 'No rule decides about it',
    why: 'It goes where everything unknown goes: too quiet for what is urgent, and noise for the rest.',
    fix: 'Write a rule that matches it, or give it a name or a tag that a rule knows.',
  },
  'no-runbook': {
    harm: 'tidiness',
    title: 'No runbook',
    why: 'Whoever is woken has to find out what to do.',
    fix: 'Put a link into its description, or a runbook into its rule.',
  },
  'no-owner': {
    harm: 'tidiness',
    title: 'No owner',
    why: 'Nobody knows whom to ask about it.',
    fix: 'Tag it with its owner or team, or let its rule set a label.',
  },
} as const satisfies Record<string, Kind>

export type KindId = keyof typeof KINDS

/** A kind that does more harm to some alarms says why. */
export const titleOf = (id: KindId, harm: Harm): string =>
  id === 'no-ok-action' && harm === 'lost-page' ? `${KINDS[id].title}, and it pages` : KINDS[id].title

/** Something is wrong with an alarm. */
export interface Finding {
  id: KindId
  /** Its kind's, or worse. */
  harm: Harm
  alarm: EstateAlarm
  /** What of it: `in ALARM for 12 days`; empty where the title says it all. */
  what: string
  /** That fix it, to be pasted into a shell. What somebody must decide is in capitals. */
  commands: string[]
  /** Of its actions: what all findings of an alarm change becomes one command. */
  edits: Edit[]
  /** Why no command is printed that one would expect. */
  byHand?: string
}

/** What nobody may take for fine. */
export interface NotChecked {
  /** What could not be judged. */
  ids: KindId[]
  /** Of how many alarms, where it is not all. */
  alarms?: number
  /** Nobody has refused anything: nobody can know. */
  isOpen?: true
  refused: Refused
}

interface Fixes {
  commands?: string[]
  edits?: Edit[]
  harm?: Harm
  byHand?: string
}

export const found = (
  id: KindId,
  alarm: EstateAlarm,
  what: string,
  { commands = [], edits = [], harm = KINDS[id].harm, byHand }: Fixes = {},
): Finding => ({ id, harm, alarm, what, commands, edits, ...(byHand !== undefined && { byHand }) })
