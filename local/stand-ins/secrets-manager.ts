import type { HttpAnswer, Request } from './exchange.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

export interface SecretsManagerStandIn extends StandIn {
  /** Creates or changes a secret, as a rotation does. */
  set(name: string, value: string): void
}

/** AWS Secrets Manager's `GetSecretValue`, for an SDK whose AWS_ENDPOINT_URL_SECRETS_MANAGER is its `url`. */
export async function startSecretsManager(secrets: Record<string, string>): Promise<SecretsManagerStandIn> {
  const versions = new Map<string, { value: string; id: string }>()
  const set = (name: string, value: string) => void versions.set(name, { value, id: crypto.randomUUID() })
  for (const [name, value] of Object.entries(secrets)) set(name, value)

  function answer({ headers, json }: Request): HttpAnswer {
    if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return refused('UnknownOperationException', '')
    const id = (json as { SecretId?: unknown } | undefined)?.SecretId
    if (typeof id !== 'string' || id === '') return refused('InvalidParameterException', 'SecretId must be given.')
    // An ARN ends in six random characters, which a caller may leave out.
    const name = id.startsWith('arn:')
      ? id
          .split(':')
          .slice(6)
          .join(':')
          .replace(/-\w{6}$/, '')
      : id
    const secret = versions.get(name)
    if (secret === undefined) {
      return refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: {
        ARN: `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`,
        Name: name,
        SecretString: secret.value,
        VersionId: secret.id,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: Date.now() / 1000,
      },
    }
  }

  // A request names a secret but never contains its value.
  const standIn = await startStandIn({ answer, capture: ({ path, json }) => ({ path, body: json }) })
  return { ...standIn, set }
}

function refused(type: string, message: string): HttpAnswer {
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type },
    body: { __type: type, message },
  }
}
