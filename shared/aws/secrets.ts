import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { clientOptions, environment, inTime } from './client.ts'

const client = inTime(new SecretsManagerClient(clientOptions))

/** A secret is fetched anew after this time, so that a rotated one is picked up without a deployment. */
const MAX_AGE_MS = 5 * 60_000

const cache = new Map<string, { value: Promise<string>; fetchedAt: number }>()

/**
 * A secret's text from Secrets Manager, by the name that the config gives it (the stage's prefix is added here).
 * Fetched once, kept for five minutes; `fresh` fetches it anew, for when a channel has said that it is wrong.
 * @throws {Error} naming the secret and how to create it, never its value.
 */
export async function secret(name: string, { fresh = false, now = Date.now() } = {}): Promise<string> {
  const known = cache.get(name)
  if (known && !fresh && now - known.fetchedAt < MAX_AGE_MS) return known.value
  const value = fetchSecret(`${environment('SECRET_PREFIX')}${name}`)
  cache.set(name, { value, fetchedAt: now })
  // A failure is not kept: the next one who asks tries again.
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
    throw new Error(`the secret ${id} can't be read: ${name}: ${message}`, { cause: error })
  }
  throw new Error(`the secret ${id} is empty: store the routing key or the webhook URL in it as plain text`)
}
