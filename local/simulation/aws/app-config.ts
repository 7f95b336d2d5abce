import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { AwsError } from './error.ts'

interface Session {
  /** Its position in a roll-out: how long after the start it receives the push. */
  latenessMs: number
  seen: number
  polledAt?: number
}

const INTERVAL_S = 60
const ROLLOUT_MS = 10 * 60_000
const DAY_MS = 86_400_000

/** AppConfigData: sessions, single-use tokens, and pushes that reach each session at its own time. */
export class AppConfig {
  readonly #clock: Clock
  readonly #random: Random
  readonly #pushes: { at: number; document: string }[] = []
  readonly #tokens = new Map<string, { session: Session; madeAt: number }>()
  #made = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  push(document: string): void {
    this.#pushes.push({ at: this.#clock.now, document })
  }

  /** @throws {AwsError} */
  call(operation: string, input: Record<string, unknown>): object {
    if (operation === 'StartConfigurationSession') {
      const session = { latenessMs: this.#random.int(ROLLOUT_MS), seen: -1 }
      return { InitialConfigurationToken: this.#tokenOf(session) }
    }
    return this.#latest(String(input.configuration_token))
  }

  #tokenOf(session: Session): string {
    const token = `token-${++this.#made}`
    this.#tokens.set(token, { session, madeAt: this.#clock.now })
    return token
  }

  #latest(token: string): object {
    const { now } = this.#clock
    const found = this.#tokens.get(token)
    if (!found || now - found.madeAt > DAY_MS)
      throw new AwsError('BadRequestException', 'ConfigurationToken: expired or used')
    const { session } = found
    if (session.polledAt !== undefined && now - session.polledAt < INTERVAL_S * 1_000) {
      throw new AwsError('BadRequestException', 'ConfigurationToken: PollIntervalNotSatisfied')
    }
    const number = this.#pushes.findLastIndex(({ at }) => at + session.latenessMs <= now)
    const push = this.#pushes[number]
    if (!push)
      throw new AwsError('ResourceNotFoundException', 'nothing is deployed', {
        status: 404,
        ResourceType: 'Deployment',
      })
    this.#tokens.delete(token)
    const document = number === session.seen ? '' : push.document
    Object.assign(session, { polledAt: now, seen: number })
    return { token: this.#tokenOf(session), intervalS: INTERVAL_S, document }
  }
}
