import { snsAddressesIn } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { FACTS } from '../channels/types.ts'
import { channelNow } from '../decide/channel-now.ts'
import { allowed } from './allowed.ts'
import { plansIn } from './escalation-problems.ts'
import type { Problem } from './problem.ts'

/** Undefined channels that are named by severities, rules, the default, or other channels as their fallback. */
export function channelProblems(config: Config): Problem[] {
  const lists: [Problem['path'], string[] | undefined][] = [
    ...Object.entries(config.severities).map(([name, severity]): [Problem['path'], string[]] => [
      ['severities', name, 'channels'],
      severity.channels,
    ]),
    [['default', 'channels'], config.default.channels],
    ...config.rules.map((rule, index): [Problem['path'], string[] | undefined] =>
      rule.channels && 'add' in rule.channels
        ? [['rules', index, 'channels', 'add'], rule.channels.add]
        : [['rules', index, 'channels'], rule.channels as string[] | undefined],
    ),
  ]
  return [...lists, ...escalationLists(config)].flatMap(([path, names]) =>
    (names ?? []).flatMap((name, index) => undefinedChannel(name, [...path, index], config.channels)),
  )
}

/** Who is escalated to, and where that is written. */
function escalationLists(config: Config): [Problem['path'], string[]][] {
  return plansIn(config).flatMap(({ path, plan: { escalate } }) =>
    Array.isArray(escalate)
      ? escalate.map(({ to }, index): [Problem['path'], string[]] => [[...path, 'escalate', index, 'to'], to])
      : [],
  )
}

/** A fallback is another channel; a notification that it gets as a fallback has no further one. */
export function fallbackProblems({ channels }: Config): Problem[] {
  return Object.entries(channels).flatMap(([name, { fallback, patience }]): Problem[] => {
    const path = ['channels', name, 'fallback']
    if (fallback === undefined) {
      if (patience === undefined) return []
      return [
        {
          path: ['channels', name, 'patience'],
          message: 'applies to a fallback, and this channel has none. Set `fallback`, or remove `patience`',
        },
      ]
    }
    const others = Object.keys(channels).filter((other) => other !== name)
    if (fallback === name) {
      return [
        {
          code: 'fallback-cycle',
          path,
          message: `"${name}" can't be its own fallback. Use another channel: ${others.join(', ')}`,
        },
      ]
    }
    return undefinedChannel(fallback, path, channels, others)
  })
}

function undefinedChannel(
  name: string,
  path: Problem['path'],
  channels: Config['channels'],
  names = Object.keys(channels),
): Problem[] {
  // A rule's name with a slot is checked with its values (value-problems.ts).
  if (path[0] === 'rules' && path[2] === 'channels' && /[{}]/.test(name)) return []
  const message = noSuchChannel(name, channels, names)
  return message === undefined ? [] : [{ code: 'undefined-channel', path, message }]
}

/** The message for an undefined channel: `unknown channel "slak". Did you mean "slack"? …` */
export function noSuchChannel(
  name: string,
  channels: Config['channels'],
  names = Object.keys(channels),
): string | undefined {
  const now = channelNow(channels, name)
  if (now === name) return undefined
  const what = now === undefined ? '' : `It was renamed to "${now}": use that name. `
  return `unknown channel "${name}". ${what}${allowed(name, names)}`
}

/** A PagerDuty integration key has 32 letters and digits; the secret part of a Slack webhook URL starts with T…/B…. */
const LIKE_A_SECRET = /^(?=.*\d)[A-Za-z0-9]{32}$|(^|\/)T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/|^xox[a-z]-/

/** A key in place of its secret's name would not work, and would be in git. */
export function secretProblems({ channels }: Config): Problem[] {
  return Object.entries(channels).flatMap(([name, channel]): Problem[] => {
    if (!('secret' in channel) || !LIKE_A_SECRET.test(channel.secret)) return []
    const message = `this looks like the ${FACTS[channel.type].addressedBy} itself (not shown): expected the name of a secret. Store it in Secrets Manager and use its name here, as in secret: ${name}. If this file was shared, rotate the ${FACTS[channel.type].addressedBy}`
    return [{ path: ['channels', name, 'secret'], message }]
  })
}

/**
 * CloudFormation allows a stack 500 resources (CloudFormation User Guide, Quotas). The router itself has fewer than
 * 160, with room for some of yours (test/many-channels.test.ts).
 */
const MAX_FOR_EMAIL = 340

export function emailProblems(config: Config): Problem[] {
  return [...sesProblems(config), ...topicProblems(config)]
}

/** SES takes no more for one message (SES API v2, SendEmail: Destination). */
const MAX_RECIPIENTS = 50

/** SES sends from an address of the user's; SNS from its own. */
function sesProblems({ channels }: Config): Problem[] {
  return Object.entries(channels).flatMap(([name, channel]): Problem[] => {
    if (channel.type !== 'email') return []
    const path = ['channels', name]
    const { via, from, addresses } = channel
    if (via !== 'ses') {
      if (from === undefined) return []
      const message = 'applies to `via: ses` alone: SNS sends from its own address. Add `via: ses`, or remove `from`'
      return [{ path: [...path, 'from'], message }]
    }
    const problems: Problem[] = []
    if (from === undefined) {
      const message =
        'SES needs the sender. Add `from`, as in from: alerts@example.com: of a domain or an address that is verified in SES'
      problems.push({ path: [...path, 'via'], message })
    }
    const count = new Set(addresses).size
    if (count > MAX_RECIPIENTS) {
      const message = `${count} addresses, and SES takes at most ${MAX_RECIPIENTS} for one message. Use a mailing list instead of its members' addresses`
      problems.push({ path: [...path, 'addresses'], message })
    }
    return problems
  })
}

/** Each channel that SNS sends has a topic with a policy in the stack, and each of its addresses a subscription. */
function topicProblems({ channels }: Config): Problem[] {
  const lists = Object.entries(channels).flatMap(([name, channel]) => {
    const addresses = snsAddressesIn(channel)
    return addresses ? [{ name, count: addresses.length }] : []
  })
  const needed = lists.reduce((sum, { count }) => sum + 2 + count, 0)
  const [longest] = lists.sort((a, b) => b.count - a.count)
  if (longest === undefined || needed <= MAX_FOR_EMAIL) return []
  const message = `the email channels need ${needed} resources in the stack (2 for each channel, 1 for each address), and at most ${MAX_FOR_EMAIL} are available: CloudFormation allows 500 per stack. Use a mailing list instead of its members' addresses`
  return [{ path: ['channels', longest.name, 'addresses'], message }]
}

/** The history of an old name belongs to one channel: no other channel may have that name, now or formerly. */
export function formerNameProblems({ channels }: Config): Problem[] {
  const seen = new Map<string, string>()
  return Object.entries(channels).flatMap(([name, { formerly = [] }]) =>
    formerly.flatMap((old, index): Problem[] => {
      const message = formerNameProblem(old, name, seen.get(old), channels)
      if (!seen.has(old)) seen.set(old, name)
      return message === undefined ? [] : [{ path: ['channels', name, 'formerly', index], message }]
    }),
  )
}

function formerNameProblem(
  old: string,
  name: string,
  other: string | undefined,
  channels: Config['channels'],
): string | undefined {
  if (old === name) return `"${old}" is this channel's current name. Remove it`
  if (Object.hasOwn(channels, old)) {
    return `"${old}" is still the name of a channel. Remove it here, or rename that channel: a name belongs to one channel`
  }
  if (other === name) return `"${old}" is listed twice. Remove one`
  if (other === undefined) return undefined
  return `"${old}" is also a former name of "${other}". Remove it from one of them: a name belongs to one channel`
}
