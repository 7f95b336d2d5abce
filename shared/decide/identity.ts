import { createHash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'

/** placeholder until parse branch lands */
export function identityOf(alert: Alert): string {
  return alert.once ? `${alert.fingerprint}@${hash(alert, 16)}` : alert.fingerprint
}
export function changeIdOf(alert: Alert): string {
  return hash(alert, 10)
}
function hash({ changedAt, status, title }: Alert, length: number): string {
  return createHash('sha256').update(JSON.stringify([changedAt, status, title])).digest('base64url').slice(0, length)
}
