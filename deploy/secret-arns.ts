import type { Config } from '../schemas/config.ts'

/**
 * The secrets that the config's channels of a type name, as ARNs for a role's policy.
 * `-??????` is the random end that Secrets Manager gives to every ARN. Never empty, since an IAM statement must name
 * something.
 */
export function secretArns(config: Config, type: 'pagerduty' | 'slack'): object[] {
  const names = new Set(Object.values(config.channels).flatMap((c) => (c.type === type ? [c.secret] : [])))
  if (names.size === 0) names.add(`none-for-${type}`)
  return [...names].map((name) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:\${self:service}/\${sls:stage}/${name}-??????`,
  }))
}
