import { asObject, asText, type Json } from '../../schemas/loose.ts'
import type { Draft, Envelope } from './draft.ts'
import { factsOf } from './facts.ts'
import { isoTime } from './time.ts'

/** AWS IoT Device Defender, from its topic: a device violates its security profile, or complies again. */
export function deviceViolation(message: Json, envelope: Envelope): Draft | undefined {
  const type = asText(message.violationEventType)
  const thing = asText(message.thingName)
  if (type === undefined || thing === undefined) return undefined
  const behavior = asObject(message.behavior) ?? {}
  const name = asText(behavior.name) ?? asText(behavior.metric) ?? 'a behavior'
  const profile = asText(message.securityProfileName)
  const isOver = type !== 'in-alarm'
  const values = factsOf(message.metricValue, 5).map((fact) => fact.join(' '))
  return {
    kind: 'finding',
    fingerprint: [
      'aws.iot',
      envelope.account ?? '',
      envelope.region ?? '',
      'violation',
      profile ?? '',
      name,
      thing,
    ].join(':'),
    status: isOver ? 'resolved' : 'firing',
    name: profile ?? 'IoT violation',
    title: `IoT device ${thing} ${isOver ? 'complies with' : 'violates'} ${name}`,
    reason: [asText(behavior.metric), values.join(', ')].filter(Boolean).join(': ') || undefined,
    changedAt: isoTime(message.violationEventTime),
    source: 'aws.iot',
    resource: `${thing} (device)`,
    details: { profile, event: type, ...Object.fromEntries(factsOf(behavior.criteria, 10)) },
  }
}
