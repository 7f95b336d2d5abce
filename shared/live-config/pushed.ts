import { channelsSchema } from '../../schemas/channel.ts'
import { type Config, configSchema } from '../../schemas/config.ts'

/*
 * The shape of a pushed config. In a bundle this is evaluated when there is one (deploy/esbuild.ts): its schemas are the
 * largest, and take a tenth of a start.
 */

/** @throws {ZodError} when its shape is wrong. */
export function configOf(pushed: unknown): Config {
  return configSchema.parse(pushed, { jitless: true })
}

/** @throws {ZodError} when their shape is wrong. */
export function channelsOf(pushed: unknown): Config['channels'] {
  return channelsSchema.parse(pushed, { jitless: true })
}
