import * as z from 'zod'
import { channelsSchema } from './channel.ts'
import { inhibitionSchema, maintenanceSchema, ruleSchema, setsSchema, tablesSchema, whenSchema } from './config.ts'
import { windowsSchema } from './windows.ts'

/** A team's file, `config/<team>.yml` beside `config/alerts.yml`: the rules for a team's own alerts. */
export const teamSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    /** The team's alerts. Its rules and its maintenance apply to no others. */
    scope: whenSchema,
    channels: channelsSchema.optional(),
    windows: windowsSchema.optional(),
    maintenance: z.array(maintenanceSchema).optional(),
    /** Mutes alerts of the team alone. */
    inhibit: z.array(inhibitionSchema).optional(),
    sets: setsSchema.optional(),
    tables: tablesSchema.optional(),
    /** Evaluated before those of `config/alerts.yml`, which apply where none of these matches. */
    rules: z.array(ruleSchema),
  }))()
export type Team = z.infer<typeof teamSchema>
