import { deadline } from './deadline.ts'

/**
 * Options of every AWS client: each attempt has a deadline. The endpoint is left to the SDK (`AWS_ENDPOINT_URL_…`), so
 * that the same code runs on a laptop.
 */
export const clientOptions = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const

/** What all SDK clients have in common. */
interface Client {
  send: (command: never, options?: Options) => Promise<unknown>
  config: { serviceId: string }
}
interface Options {
  abortSignal?: AbortSignal | undefined
}

/**
 * Gives every call of a client the deadline of the invocation that makes it (shared/aws/deadline.ts): here and not at
 * each call, so that none is without one.
 */
export function inTime<Of extends Client>(client: Of): Of {
  const send = client.send.bind(client) as (command: unknown, options: Options) => Promise<unknown>
  return Object.assign(client, {
    send: async (command: unknown, options: Options = {}) => {
      const ours = deadline()
      const abortSignal = ours && options.abortSignal ? AbortSignal.any([ours, options.abortSignal]) : ours
      try {
        return await send(command, { ...options, ...(abortSignal && { abortSignal }) })
      } catch (error) {
        if (!ours?.aborted) throw error
        throw new Error(`${client.config.serviceId} did not answer before the function's time ended`, {
          cause: error,
        })
      }
    },
  })
}

/**
 * An environment variable that the stack sets.
 * @throws {Error} naming it, when it is missing: the function is not deployed correctly.
 */
export function environment(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`the environment variable ${name} is not set: serverless.yml sets it for this function`)
  return value
}
