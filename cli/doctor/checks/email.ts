import { sesChannelIn } from '../../../schemas/channel.ts'
import { quoted } from '../../../shared/questions/shell.ts'
import { aws, type Check, type Finding } from '../finding.ts'
import { identitiesOf } from '../read/senders.ts'
import type { Email, Stage } from '../stage.ts'

/** Checks whether SES sends what channels with `via: ses` are sent. */

/** SES lets go of the sandbox, and of a pause, in its console and by its support. */
const consoleOf = ({ place }: Stage) =>
  `https://${place.region}.console.aws.amazon.com/ses/home?region=${place.region}#/account`

export const emailMayBeSent: Check = (stage) => {
  const { email, channels = {} } = stage
  if (!email) return []
  const names = Object.keys(channels).filter((name) => sesChannelIn(channels[name]))
  const keeps = `every alert to ${names.map((name) => `"${name}"`).join(', ')}; they are sent to its fallback, if it has one`
  return [...ofAccount(stage, email, keeps), ...names.flatMap((name) => ofChannel(stage, email, name))]
}

function ofAccount(stage: Stage, { account }: Email, keeps: string): Finding[] {
  if (!account) return []
  const about = `SES in ${stage.place.region}`
  if (!account.maySend) {
    const what =
      'SES has paused sending for this account: by hand, or for too many bounces or complaints: then only AWS lets it go on.'
    return [
      {
        id: 'ses-paused',
        severity: 'error',
        about,
        what,
        keeps,
        fix: [aws(stage, RESUME), `See why: ${consoleOf(stage)}`],
      },
    ]
  }
  if (!account.isInSandbox) return []
  return [
    {
      ...{ id: 'ses-sandbox', severity: 'warning', about },
      what: 'The account is in the sandbox of SES: it sends to verified addresses alone, one email a second and 200 a day.',
      keeps: 'what is more than that, as in a storm, until the next day',
      fix: [`Request production access: ${consoleOf(stage)}`],
    },
  ]
}

const RESUME = 'sesv2 put-account-sending-attributes --sending-enabled'

function ofChannel(stage: Stage, { account, identities }: Email, name: string): Finding[] {
  const channel = sesChannelIn(stage.channels?.[name])
  if (!channel) return []
  const { from, addresses } = channel
  const to = account?.isInSandbox ? addresses : []
  const keeps = `every alert to "${name}"; they are sent to its fallback, if it has one`
  return [
    ...unverified(stage, identities, from, { id: 'sender-not-verified', what: 'SES refuses this sender', keeps }),
    ...to.flatMap((address) =>
      unverified(stage, identities, address, {
        ...{ id: 'recipient-not-verified', keeps },
        what: 'In the sandbox, SES refuses each email that goes to this address, among others',
      }),
    ),
  ]
}

/** What could not be read of it is a finding of its own. */
function unverified(
  stage: Stage,
  identities: Email['identities'],
  address: string,
  { id, what, keeps }: Pick<Finding, 'id' | 'what' | 'keeps'>,
): Finding[] {
  const names = identitiesOf(address)
  const states = names.map((name) => identities[name])
  if (states.some((state) => state === 'verified' || state === undefined)) return []
  const pending = names.find((name) => identities[name] === 'pending')
  const domain = address.split('@').at(-1) ?? ''
  const identity = pending ?? (id === 'sender-not-verified' ? domain : address)
  const why =
    pending === undefined
      ? `no identity of SES has it: ${names.join(', ')}.`
      : `"${pending}" is not verified yet. ${pending.includes('@') ? 'SES has sent it a mail with a link.' : 'SES looks for its DKIM records in DNS; the command shows them.'}`
  const command = pending === undefined ? 'create-email-identity' : 'get-email-identity'
  const fix = [aws(stage, `sesv2 ${command} --email-identity ${quoted(identity)}`)]
  return [{ id, severity: 'error', about: address, what: `${what}: ${why}`, keeps, fix }]
}
