import * as z from 'zod'
import { configSchema } from './config.ts'

const version = /* @__PURE__ */ (() => z.string().regex(/^[0-9a-f]{12}$/))()

/** What `rules push` sends to AppConfig: a config, and where it came from. */
export const pushedConfigSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    /** `versionOf` the config. */
    version,
    /**
     * The version of the rules that the stack was deployed with when this was pushed. It overrides these only: once a
     * deployment has changed the rules, the deployed ones are active until the next push.
     */
    base: version,
    /** The git commit that it was pushed from, if any. */
    commit: z.string().max(60).optional(),
    config: configSchema,
    /** The cases of config/tests, so that the validator runs those that belong to these rules. */
    cases: z.array(z.record(z.string(), z.unknown())).optional(),
  }))()
export type PushedConfig = z.infer<typeof pushedConfigSchema>
