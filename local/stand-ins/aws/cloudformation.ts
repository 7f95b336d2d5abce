import {
  DescribeStackEvents$,
  type DescribeStackEventsCommandInput,
  type DescribeStackEventsCommandOutput,
  DescribeStacks$,
  type DescribeStacksCommandInput,
  type DescribeStacksCommandOutput,
  type Stack,
} from '@aws-sdk/client-cloudformation'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 100

/** What of CloudFormation is asked (CloudFormation API Reference). */
export const CLOUDFORMATION: Operation[] = [
  operation<DescribeStacksCommandInput, DescribeStacksCommandOutput>('cloudFormation', DescribeStacks$, describeStacks),
  operation<DescribeStackEventsCommandInput, DescribeStackEventsCommandOutput>(
    'cloudFormation',
    DescribeStackEvents$,
    describeStackEvents,
  ),
]

function describeStacks(
  input: DescribeStacksCommandInput,
  asked: Asked,
): Omit<DescribeStacksCommandOutput, '$metadata'> {
  const { StackName, NextToken } = input
  const stacks = asked.data.stacks(asked.region)
  const found = StackName === undefined ? stacks : [stackOf(stacks, StackName)]
  const { items, next } = page(found, { token: NextToken, size: PAGE, of: input }, asked)
  return { Stacks: items, NextToken: next }
}

function stackOf(stacks: Stack[], name: string): Stack {
  const stack = stacks.find(({ StackName, StackId }) => StackName === name || StackId === name)
  if (stack) return stack
  throw new Refusal('ValidationError', `Stack with id ${name} does not exist`)
}

/** The newest first. */
function describeStackEvents(
  input: DescribeStackEventsCommandInput,
  asked: Asked,
): Omit<DescribeStackEventsCommandOutput, '$metadata'> {
  const { data, region } = asked
  const { StackId } = stackOf(data.stacks(region), input.StackName ?? '')
  const timeOf = (time: Date | undefined) => time?.getTime() ?? 0
  const found = data
    .stackEvents(region)
    .filter((event) => event.StackId === StackId)
    .sort((one, other) => timeOf(other.Timestamp) - timeOf(one.Timestamp))
  const { items, next } = page(found, { token: input.NextToken, size: PAGE, of: input }, asked)
  return { StackEvents: items, NextToken: next }
}
