import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import type { Wake } from '../schemas/wake.ts'
import { identityOf } from '../shared/alert/identity.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { wakesOf } from '../shared/route/wakes.ts'
import { changeAlert } from '../shared/store/alerts.ts'
import { keepChange, keyOfChange } from '../shared/store/changes.ts'

let messages = 0

/** A change is written to the table as `route` does it. Gives who would be woken, one at most. */
export async function owe(alert: Alert, config: Config): Promise<Wake> {
  const [wake] = await oweAll(alert, config)
  if (!wake) throw new Error(`nobody is owed ${alert.title}`)
  return wake
}

/** The same; gives all who would be woken. */
export async function oweAll(alert: Alert, config: Config): Promise<Wake[]> {
  const messageId = `owed-${++messages}`
  const change = keyOfChange(alert, messageId, 0)
  const fingerprint = identityOf(alert)
  const { state, result } = await changeAlert(fingerprint, async (before) => {
    const next = nextByChange(before, { alert, change }, config, new Date())
    const { decision, outcome, firing } = next
    const version = before?.version ?? 0
    const kept = { alert, change, decision, outcome, firingSince: firing?.since, earlier: {}, messageId, version }
    await keepChange(fingerprint, kept)
    return { state: next.state, result: next }
  })
  return wakesOf(state, result.wake, config).map(({ wake }) => wake)
}
