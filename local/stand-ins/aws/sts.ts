import { AssumeRole$, type AssumeRoleCommandInput, type AssumeRoleCommandOutput } from '@aws-sdk/client-sts'
import { type Asked, type Operation, operation } from './operation.ts'
import { Refusal } from './refusal.ts'

/** What of STS is asked (STS API Reference). */
export const STS: Operation[] = [
  operation<AssumeRoleCommandInput, AssumeRoleCommandOutput>('sts', AssumeRole$, assumeRole, {
    bounds: { DurationSeconds: [900, 43_200] },
  }),
]

/** Of a role: its key leads to the data of its account. */
export const keyOf = (role: string): string => `ASIA${accountIn(role)}`

const accountIn = (role: string) => /^arn:aws[\w-]*:iam::(\d{12}):role\/.+$/.exec(role)?.[1]

/** A role that is not there, and one that may not be taken, are one answer. */
function assumeRole(input: AssumeRoleCommandInput, asked: Asked): Omit<AssumeRoleCommandOutput, '$metadata'> {
  const { RoleArn = '', RoleSessionName = '', DurationSeconds = 3_600 } = input
  if (accountIn(RoleArn) === undefined) throw new Refusal('ValidationError', `${RoleArn} is invalid`)
  if (!/^[\w+=,.@-]{2,64}$/.test(RoleSessionName)) throw new Refusal('ValidationError', 'RoleSessionName is invalid')
  if (!asked.roles.includes(RoleArn)) {
    const user = `User: arn:aws:sts::${asked.data.account}:assumed-role/alert-router/reports`
    throw new Refusal(
      'AccessDenied',
      `${user} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      403,
    )
  }
  return {
    Credentials: {
      ...{ AccessKeyId: keyOf(RoleArn), SecretAccessKey: 'secret', SessionToken: 'token' },
      Expiration: new Date(asked.now.getTime() + DurationSeconds * 1_000),
    },
  }
}
