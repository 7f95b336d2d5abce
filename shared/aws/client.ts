import { deadline } from './deadline.ts'

/**
 * How every AWS client of ours is made: each try has a deadline. The endpoint is the SDK's matter (`AWS_ENDPOINT_URL_…`),
 * which is how the same code runs on a laptop.
 */
export const clientOptions = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const

/** What all of the SDK's clients have in common. */
interface Client {
  send: (command: never, options?: Options) => Promise<unknown>
  config: { serviceId: string }
}
interface Options {
  abortSignal?: AbortSignal | undefined
}

/**
 * Gives every call of a client the deadline of the invocation that makes it (shared/aws/deadline.ts): here, and not at each
 * place that calls, so that no call is without one.
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
        throw new Error(`${client.config.serviceId} had not answered when the function's time was over`, {
          cause: error,
        })
      }
    },
  })
}

/**
 * An environment variable that the stack sets.
 * @throws {Error} naming it, when it is missing: the function is not deployed as it should be.
 */
export function environment(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`the environment variable ${name} is not set: serverless.yml sets it for this function`)
  return value
}
