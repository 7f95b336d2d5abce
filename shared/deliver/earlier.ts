import * as z from 'zod'
import { notificationSchema } from '../../schemas/notification.ts'

/** `delivered`: its channel had accepted it, but the table could not be written then. */
const earlierSchema = notificationSchema.extend({
  delivered: z
    .object({
      at: z.string(),
      said: z.string().optional(),
      digest: z.object({ id: z.string(), of: z.number() }).optional(),
      incident: z.string().optional(),
    })
    .optional(),
})
export type Earlier = z.infer<typeof earlierSchema>

/**
 * A whole notification, as the version before this one sent it; `undefined`: it is not one. In a bundle this is evaluated when
 * there is such a message (deploy/esbuild.ts).
 */
export function earlierIn(message: unknown): Earlier | undefined {
  return earlierSchema.safeParse(message).data
}
