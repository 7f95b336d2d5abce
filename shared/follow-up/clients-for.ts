import type { Alert } from '../../schemas/alert.ts'
import type { Platform } from '../../schemas/platform.ts'
import type { FirstClients } from '../asking/first-asked.ts'
import { openFirstClients } from '../asking/first-clients.ts'
import { refusedBy } from '../asking/refused.ts'
import { takeRole } from '../asking/role.ts'
import { parseArn } from '../parse/arn.ts'
import type { Refused } from '../questions/ask.ts'

/** Where this function is. */
export interface Own {
  account: string
  region: string
}

/** The clients of the account and region that an alert is of; or why there are none. */
export async function clientsFor(
  { account, region }: Pick<Alert, 'account' | 'region'>,
  platform: Platform | undefined,
  own: Own,
  signal: AbortSignal,
): Promise<{ clients: FirstClients } | { refused: Refused }> {
  const place = { region: region ?? own.region }
  if (account === undefined || account === own.account) return { clients: openFirstClients(place) }
  const role = Object.values(platform?.accounts ?? {}).find((one) => parseArn(one.role)?.account === account)?.role
  if (role === undefined) {
    return {
      refused: {
        needs: `a role in account ${account}, under accounts of config/platform.yml`,
        why: 'its alarm is of that account',
      },
    }
  }
  try {
    const credentials = await takeRole({ role, ...place }, 'alert-router-evidence', signal)
    return { clients: openFirstClients({ credentials, ...place }) }
  } catch (error) {
    return { refused: refusedBy(error, `sts:AssumeRole on ${role}`) }
  }
}
