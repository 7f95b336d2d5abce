import { Client, type Options } from './client.ts'
import { commandsOf } from './json.ts'

/* In place of @aws-sdk/client-secrets-manager (client.ts). */

export class SecretsManagerClient extends Client {
  constructor(options: Options) {
    super({ serviceId: 'Secrets Manager', name: 'secretsmanager', variable: 'SECRETS_MANAGER' }, options)
  }
}

export const GetSecretValueCommand = /* @__PURE__ */ commandsOf({ target: 'secretsmanager', version: '1.1' })(
  'GetSecretValue',
)
