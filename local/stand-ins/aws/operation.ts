import type { GetMetricData$ } from '@aws-sdk/client-cloudwatch'
import type { AwsData } from './data.ts'
import type { ServiceName } from './services.ts'

/** As each client exports them. */
export type OperationSchema = typeof GetMetricData$

/** One request, besides its input. */
export interface Asked {
  data: AwsData
  now: Date
  /** Of the credential scope. */
  region: string
  operation: string
  service: ServiceName
  /** Of other accounts, which may be taken. */
  roles: string[]
  /** At most so many on a page, whatever the request asks for; absent: as the service does. */
  pageSize?: number
  /** The role may not read every resource. */
  isNarrow?: boolean
}

/** One operation of a service. */
export interface Operation {
  service: ServiceName
  /** From the client's own model. */
  schema: OperationSchema
  /** The bounds of numbers, which the model that clients have leaves out. */
  bounds: Record<string, [least: number, most: number]>
  // biome-ignore lint/suspicious/noExplicitAny: each has its own input, which was read by its schema
  answer(input: any, asked: Asked): object
  /** What it answers where the service is not enabled. */
  off?(asked: Asked): object
}

type Answered<Output> = Omit<Output, '$metadata'>

/** Describes an operation by the types of its command. */
export function operation<Input extends object, Output extends object>(
  service: ServiceName,
  schema: OperationSchema,
  answer: (input: Input, asked: Asked) => Answered<Output>,
  { bounds = {}, off }: { bounds?: Operation['bounds']; off?: (asked: Asked) => Answered<Output> } = {},
): Operation {
  return { service, schema, bounds, answer, ...(off && { off }) }
}
