import {
  DescribeKey$,
  type DescribeKeyCommandInput,
  type DescribeKeyCommandOutput,
  GetKeyPolicy$,
  type GetKeyPolicyCommandInput,
  type GetKeyPolicyCommandOutput,
} from '@aws-sdk/client-kms'
import { NO_ESTATE } from './estate-data.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { Refusal } from './refusal.ts'

/** What of KMS is asked about a key (KMS API Reference): its policy by its ID or ARN alone. */
export const KMS: Operation[] = [
  operation<DescribeKeyCommandInput, DescribeKeyCommandOutput>('kms', DescribeKey$, ({ KeyId = '' }, asked) => {
    return { KeyMetadata: keyOf(KeyId, asked).metadata }
  }),
  operation<GetKeyPolicyCommandInput, GetKeyPolicyCommandOutput>(
    'kms',
    GetKeyPolicy$,
    ({ KeyId = '', PolicyName = 'default' }, asked) => {
      if (/(^|:)alias\//.test(KeyId)) throw new Refusal('NotFoundException', `Invalid keyId ${KeyId}`)
      if (PolicyName !== 'default') throw new Refusal('NotFoundException', `No such policy exists: ${PolicyName}`)
      return { Policy: keyOf(KeyId, asked).policy, PolicyName }
    },
  ),
]

function keyOf(name: string, { data }: Asked) {
  const found = (data.estate ?? NO_ESTATE).keys.find(
    ({ metadata, aliases }) =>
      [metadata.KeyId, metadata.Arn].includes(name) || aliases.includes(name.replace(/^.*:/, '')),
  )
  if (!found) throw new Refusal('NotFoundException', `Key '${name}' does not exist`)
  return found
}
