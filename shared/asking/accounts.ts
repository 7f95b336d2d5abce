import type { Platform } from '../../schemas/platform.ts'
import type { Refused } from '../questions/ask.ts'
import { type Clients, openClients } from './clients.ts'
import { refusedBy } from './refused.ts'
import { takeRole } from './role.ts'

/** The clients of another account; or why there are none: each of its questions says so, and the rest stands. */
export type Account = { clients: Clients } | { refused: Refused }

/** Takes the role of an account of the file. Never throws for AWS. */
export async function openAccount(account: Platform['accounts'][string], abortSignal: AbortSignal): Promise<Account> {
  const { role, region } = account
  try {
    const credentials = await takeRole(account, 'alert-router-report', abortSignal)
    return { clients: openClients({ credentials, ...(region !== undefined && { region }) }) }
  } catch (error) {
    return { refused: refusedBy(error, `sts:AssumeRole on ${role}`) }
  }
}
