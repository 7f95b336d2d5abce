import type { Platform } from '../schemas/platform.ts'
import type { SecretName } from '../shared/inbox/decision.ts'

/** A statement of a policy. */
export function allow(Action: string | string[], Resource: unknown, Condition?: object): object {
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }
}

/** The ARN of a resource of the stack, by its logical id. */
export function arnOf(id: string): object {
  return { 'Fn::GetAtt': [id, 'Arn'] }
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
const LIVE_CONFIG_ARN = '${alerts:liveConfigArn}'
/** What the names of the stage's secrets begin with. */
export const SECRET_PREFIX = '${self:service}/${sls:stage}/'
const SECRET_ARNS = 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/**
 * Reads all secrets of this stage: a policy that named each one would outgrow its limit one day (10,240 characters per
 * role), and a new secret would need a deployment.
 */
export const readsSecrets = allow('secretsmanager:GetSecretValue', {
  'Fn::Sub': `${SECRET_ARNS}${SECRET_PREFIX}*`,
})

/** The ARN of one of them. Secrets Manager ends each in six characters of its own. */
export function secretArn(name: SecretName): object {
  return { 'Fn::Sub': `${SECRET_ARNS}${SECRET_PREFIX}${name}-??????` }
}

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
