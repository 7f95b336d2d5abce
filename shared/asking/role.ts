import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { Platform } from '../../schemas/platform.ts'
import { clientOptions } from '../aws/client.ts'

/** The shortest that STS allows (STS API Reference, AssumeRole): what asks takes some minutes at most. */
const SESSION_S = 900

export interface RoleCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/**
 * Takes the role of an account of config/platform.yml.
 * @param by what asks, as CloudTrail shows it.
 * @throws {Error} of STS.
 */
export async function takeRole(
  { role, region }: Platform['accounts'][string],
  by: string,
  abortSignal?: AbortSignal,
): Promise<RoleCredentials> {
  const sts = new STSClient({ ...clientOptions, ...(region !== undefined && { region }) })
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: by, DurationSeconds: SESSION_S }),
      abortSignal && { abortSignal },
    )
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  } finally {
    sts.destroy()
  }
}
