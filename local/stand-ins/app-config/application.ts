/** One application with one environment, its stored versions and its deployments. */
export interface Application {
  /** By the profile's name, each with its oldest version first. */
  hosted: Map<string, HostedVersion[]>
  /** The oldest first. */
  deployments: Deployment[]
  /** The first is for deployments that a test makes itself. */
  strategies: Strategy[]
  /** The profiles' Lambda validator: throws on what it rejects. */
  refuse?: (content: string) => void
  /** ms since 1970 */
  now: () => number
  /** A version's maximum size. */
  maxBytes: number
  /** Tokens of the data plane, and those that a poll has used. */
  tokens: Map<string, { session: Session; madeAt: number }>
  used: Set<string>
  /** How many were started. */
  sessions: number
  alarms: Record<string, Alarm>
}

/** As DescribeAlarms returns it. */
export interface Alarm {
  StateValue: string
  ActionsEnabled: boolean
  AlarmDescription?: string
}

export interface HostedVersion {
  number: number
  content: Buffer
  contentType: string
  label: string | undefined
  description: string | undefined
}

export interface Deployment {
  number: number
  profile: string
  version: number
  startedAt: number
  strategy?: Strategy
  /** When an alarm fired during it, or somebody stopped it. */
  rolledBackAt?: number
  /** Who stopped it; absent if an alarm did. */
  stoppedBy?: 'USER'
  /** It was complete when somebody reverted it. */
  isReverted?: true
}

export interface Strategy {
  name: string
  minutes: number
  growthPercent: number
  bakeMinutes: number
}

/** The state of a session of the data plane. */
export interface Session {
  /** Counts from 0: decides when a roll-out reaches this client. */
  number: number
  profile: string
  intervalS: number
  polledAt?: number
  seen?: number
}

/** An id is the name with the prefix "id-". */
export function nameOf(id: string | undefined): string {
  return (id ?? '').replace(/^id-/, '')
}
