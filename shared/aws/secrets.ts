import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { clientOptions, environment, inTime } from './client.ts'

const client = inTime(new SecretsManagerClient(clientOptions))

/** A secret is fetched again after this time, so that a rotated one is picked up without a deployment. */
const MAX_AGE_MS = 5 * 60_000

const cache = new Map<string, { value: Promise<string>; fetchedAt: number }>()

/**
 * A secret's text from Secrets Manager, by its name in the config (the stage's prefix is added here). Cached for five
 * minutes; `fresh` fetches it again, after a channel has refused it.
 * @throws {Error} naming the secret and how to create it, never its value.
 */
export async function secret(name: string, { fresh = false, now = Date.now() } = {}): Promise<string> {
  const known = cache.get(name)
  if (known && !fresh && now - known.fetchedAt < MAX_AGE_MS) return known.value
  const value = fetchSecret(`${environment('SECRET_PREFIX')}${name}`)
  cache.set(name, { value, fetchedAt: now })
  // A failure is not cached: the next caller tries again.
  value.catch(() => cache.delete(name))
  return value
}

async function fetchSecret(id: string): Promise<string> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }))
    const text = SecretString?.trim()
    if (text) return text
  } catch (error) {
    const { name, message } = error as Error
    throw new Error(`cannot read the secret ${id}: ${name}: ${message}`, { cause: error })
  }
  throw new Error(`the secret ${id} is empty: store the routing key or the webhook URL in it as plain text`)
}
