import type { Platform } from '../schemas/platform.ts'

/** A statement of a policy. */
export function allow(Action: string | string[], Resource: unknown, Condition?: object): object {
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }
}

/** The ARN of a resource of the stack, by its logical id. */
export function arnOf(id: string): object {
  return { 'Fn::GetAtt': [id, 'Arn'] }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
const LIVE_CONFIG_ARN = '${alerts:liveConfigArn}'

/** Reads the rules that are in force (shared/live-config/app-config.ts). */
export const readsRules = allow(
  ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
  LIVE_CONFIG_ARN,
)

/** Publishing to an encrypted topic needs this. */
export const usesKey = allow(['kms:GenerateDataKey*', 'kms:Decrypt'], arnOf('Key'))

/** Takes the roles of the other accounts of config/platform.yml; nothing where there are none. */
export function takesRoles(platform: Platform | undefined): object[] {
  const roles = Object.values(platform?.accounts ?? {}).map(({ role }) => role)
  return roles.length > 0 ? [allow('sts:AssumeRole', roles)] : []
}
