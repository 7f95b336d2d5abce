import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { Platform } from '../../schemas/platform.ts'
import { clientOptions } from '../aws/client.ts'
import type { Refused } from '../questions/ask.ts'
import { type Clients, openClients } from './clients.ts'
import { refusedBy } from './refused.ts'

/** The shortest that STS allows (STS API Reference, AssumeRole): a report takes a minute. */
const SESSION_S = 900

/** The clients of another account; or why there are none: each of its questions says so, and the rest stands. */
export type Account = { clients: Clients } | { refused: Refused }

/** Takes the role of an account of the file. Never throws for AWS. */
export async function openAccount(
  { role, region }: Platform['accounts'][string],
  abortSignal: AbortSignal,
): Promise<Account> {
  const sts = new STSClient({ ...clientOptions, ...(region !== undefined && { region }) })
  try {
    const command = new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: 'alert-router-report',
      DurationSeconds: SESSION_S,
    })
    const { Credentials } = await sts.send(command, { abortSignal })
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
    return { clients: openClients({ credentials, ...(region !== undefined && { region }) }) }
  } catch (error) {
    return { refused: refusedBy(error, `sts:AssumeRole on ${role}`) }
  } finally {
    sts.destroy()
  }
}
