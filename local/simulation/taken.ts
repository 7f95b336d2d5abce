/** A message that a channel's target accepted, in the order of effect. */
export interface Taken {
  at: number
  /** The target: a secret's name, an email channel's. */
  target: string
  type: 'pagerduty' | 'slack' | 'slack-app' | 'email'
  /** PagerDuty's `trigger`, `resolve` or `change`; for the others, `message`; in Slack by an app, `edit`, too. */
  action: string
  /** By an app. */
  inSlack?: InSlack
  /** PagerDuty's. */
  dedupKey?: string
  body: unknown
  /** Whether its sender received the response. */
  isAnswered: boolean
  /** Where its sender ran. */
  region?: string
}

/** A PagerDuty incident: one for each time that it was opened. */
export interface Incident {
  target: string
  dedupKey: string
  isOpen: boolean
  openedAt: number
  resolvedAt?: number
  triggers: number
}

/** Which message was posted or edited, and for which notification. */
export interface InSlack {
  ts: string
  /** Of a reply, its parent. */
  threadTs?: string
  notificationId: string
}
