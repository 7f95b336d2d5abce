import type { Json } from '../../schemas/loose.ts'
import { partitionOf } from './region.ts'

/** An event from EventBridge, with its common fields normalised. */
export interface AwsEvent {
  /** `detail-type` */
  type: string
  source: string
  detail: Json
  account?: string
  region?: string
  time?: string
  /** The affected resources: mostly ARNs. */
  resources: string[]
}

/** The ARN of something that the event names without its ARN. */
export function arnOf(
  service: string,
  { account, region }: Pick<AwsEvent, 'account' | 'region'>,
  resource: string,
): string {
  return `arn:${partitionOf(region)}:${service}:${region ?? ''}:${account ?? ''}:${resource}`
}
