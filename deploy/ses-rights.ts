import { sesChannelIn } from '../schemas/channel.ts'
import type { Config } from '../schemas/config.ts'
import { allow } from './policy.ts'

/*
 * What functions need that send email by SES; without a channel that it sends, nothing.
 */

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
export const CONFIGURATION_SET = '${self:service}-${sls:stage}'
const ARN = 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/** The addresses that emails are sent from. */
export function sendersIn({ channels }: Pick<Config, 'channels'>): string[] {
  return [...new Set(Object.values(channels).flatMap((channel) => sesChannelIn(channel)?.from ?? []))].sort()
}

/** For the functions that send. */
export function sesEnvironment(senders: string[]): Record<string, string> {
  return senders.length > 0 ? { SES_CONFIGURATION_SET: CONFIGURATION_SET } : {}
}

/**
 * They may send from these addresses alone, whichever identity has them: an address, its domain, or a domain above that. SES
 * asks for the right on the identities of recipients, too, where those are verified in the account, as all are in the sandbox.
 */
export function sesRights(senders: string[]): object[] {
  if (senders.length === 0) return []
  const on = [{ 'Fn::Sub': `${ARN}identity/*` }, { 'Fn::Sub': `${ARN}configuration-set/${CONFIGURATION_SET}` }]
  return [allow('ses:SendEmail', on, { StringEquals: { 'ses:FromAddress': senders } })]
}
