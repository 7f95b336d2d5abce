/** One application with one environment and what has been stored and deployed in it. */
export interface Application {
  /** By the profile's name, each with the oldest version first. */
  hosted: Map<string, HostedVersion[]>
  /** The oldest first. */
  deployments: Deployment[]
  /** The first is that of deployments which a test makes itself. */
  strategies: Strategy[]
  /** The profiles' Lambda validator: throws on what it refuses. */
  refuse?: (content: string) => void
  /** ms since 1970 */
  now: () => number
  /** A version's largest size. */
  maxBytes: number
  /** Tokens of the data plane, and those that a poll has used up. */
  tokens: Map<string, { session: Session; madeAt: number }>
  used: Set<string>
  /** How many were started. */
  sessions: number
  alarms: Record<string, Alarm>
}

/** As DescribeAlarms gives it. */
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
  /** When an alarm went off meanwhile, or somebody stopped it. */
  rolledBackAt?: number
  /** Who stopped it; else an alarm did. */
  stoppedBy?: 'USER'
  /** It was complete when somebody took it back. */
  isReverted?: true
}

export interface Strategy {
  name: string
  minutes: number
  growthPercent: number
  bakeMinutes: number
}

/** What a session of the data plane knows. */
export interface Session {
  /** Counts from 0: decides when in a roll-out this client is reached. */
  number: number
  profile: string
  intervalS: number
  polledAt?: number
  seen?: number
}

/** An id is the name with "id-" before it. */
export function nameOf(id: string | undefined): string {
  return (id ?? '').replace(/^id-/, '')
}
