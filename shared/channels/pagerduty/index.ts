import type { Channel } from '../channel.ts'
import { renderIncident } from './incident.ts'
import { dedupKey, firstLine, isFinishedDeployment, type PagerDutyPayload, render } from './render.ts'
import { send } from './send.ts'

export type { PagerDutyPayload }

/** Events API v2: pages, resolves, and change events for finished deployments. The target is the routing key. */
export const pagerduty: Channel<PagerDutyPayload, 'pagerduty'> = {
  type: 'pagerduty',
  render,
  firstLine,
  incidents: {
    has: (notification) => !isFinishedDeployment(notification),
    keyOf: dedupKey,
    render: renderIncident,
  },
  send,
}

/** The host for events depends on the service region of the PagerDuty account. */
export const HOSTS = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' } as const
