import {
  DescribeInstanceInformation$,
  type DescribeInstanceInformationCommandInput,
  type DescribeInstanceInformationCommandOutput,
  DescribeInstancePatchStates$,
  type DescribeInstancePatchStatesCommandInput,
  type DescribeInstancePatchStatesCommandOutput,
} from '@aws-sdk/client-ssm'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

/** In one request of patch states. */
const MAX_INSTANCES = 50

/** What of Systems Manager is asked (AWS Systems Manager API Reference). */
export const SSM: Operation[] = [
  operation<DescribeInstanceInformationCommandInput, DescribeInstanceInformationCommandOutput>(
    'ssm',
    DescribeInstanceInformation$,
    describeInstances,
    { bounds: { MaxResults: [5, 50] } },
  ),
  operation<DescribeInstancePatchStatesCommandInput, DescribeInstancePatchStatesCommandOutput>(
    'ssm',
    DescribeInstancePatchStates$,
    describePatchStates,
    { bounds: { MaxResults: [10, 100] } },
  ),
]

function describeInstances(
  input: DescribeInstanceInformationCommandInput,
  asked: Asked,
): Omit<DescribeInstanceInformationCommandOutput, '$metadata'> {
  const wanted = { token: input.NextToken, size: input.MaxResults ?? 50, of: input }
  const { items, next } = page(asked.data.instances, wanted, asked)
  return { InstanceInformationList: items, NextToken: next }
}

/** Nothing of an instance that was never scanned. */
function describePatchStates(
  input: DescribeInstancePatchStatesCommandInput,
  asked: Asked,
): Omit<DescribeInstancePatchStatesCommandOutput, '$metadata'> {
  const { InstanceIds = [] } = input
  if (InstanceIds.length > MAX_INSTANCES) {
    const rule = `failed to satisfy constraint: Member must have length less than or equal to ${MAX_INSTANCES}`
    throw new Refusal('ValidationException', `1 validation error detected: Value at 'instanceIds' ${rule}`)
  }
  const found = asked.data.patchStates.filter(({ InstanceId = '' }) => InstanceIds.includes(InstanceId))
  const { items, next } = page(found, { token: input.NextToken, size: input.MaxResults ?? 100, of: input }, asked)
  return { InstancePatchStates: items, NextToken: next }
}
