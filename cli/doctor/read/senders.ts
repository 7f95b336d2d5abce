import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { sesChannelIn } from '../../../schemas/channel.ts'
import type { Config } from '../../../schemas/config.ts'
import type { Email, Identity } from '../stage.ts'
import type { Calls } from './calls.ts'
import { each } from './each.ts'

/** Reads what SES may send: the account, and the identities of senders, in the sandbox those of recipients, too. */
export async function readEmail(calls: Calls, { channels }: Pick<Config, 'channels'>): Promise<Email | undefined> {
  const ours = Object.values(channels).flatMap((channel) => sesChannelIn(channel) ?? [])
  if (ours.length === 0) return undefined
  const client = calls.watched(new SESv2Client(calls.clientOptions))
  const account = await calls.ask("SES's account", 'ses:GetAccount', (options) =>
    client.send(new GetAccountCommand({}), options),
  )
  const isInSandbox = account?.ProductionAccessEnabled === false
  const addresses = ours.flatMap(({ from, addresses }) => [from, ...(isInSandbox ? addresses : [])])
  const identities: Record<string, Identity> = {}
  await each([...new Set(addresses.flatMap(identitiesOf))], async (name) => {
    const found = await calls.ask(`SES's identity ${name}`, 'ses:GetEmailIdentity', (options) =>
      client.send(new GetEmailIdentityCommand({ EmailIdentity: name }), options),
    )
    if (found === undefined) return
    identities[name] = found === null ? 'absent' : found.VerifiedForSendingStatus === true ? 'verified' : 'pending'
  })
  client.destroy()
  return { ...(account && { account: { isInSandbox, maySend: account.SendingEnabled !== false } }), identities }
}

/** By which an address may be verified: itself, its domain, or one above that (SES Developer Guide, Verified identities). */
export function identitiesOf(address: string): string[] {
  const labels = (address.split('@').at(-1) ?? '').split('.')
  const domains = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
  return [address, ...domains]
}
