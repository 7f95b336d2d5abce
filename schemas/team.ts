import * as z from 'zod'
import { channelsSchema } from './channel.ts'
import { maintenanceSchema, ruleSchema, setsSchema, whenSchema } from './config.ts'
import { windowsSchema } from './windows.ts'

/** A team's file, `config/<team>.yml` beside `config/alerts.yml`: what a team says of its own alerts. */
export const teamSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    /** Which alerts are the team's. Its rules and its maintenance see no others. */
    scope: whenSchema,
    channels: channelsSchema.optional(),
    windows: windowsSchema.optional(),
    maintenance: z.array(maintenanceSchema).optional(),
    sets: setsSchema.optional(),
    /** Before those of `config/alerts.yml`, which decide what these leave open. */
    rules: z.array(ruleSchema),
  }))()
export type Team = z.infer<typeof teamSchema>
