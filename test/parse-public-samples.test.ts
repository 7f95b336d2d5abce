import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { notificationSchema } from '../schemas/notification.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { parse } from '../shared/parse/parse.ts'
import { CHANNELS, expectHarmless, expectNoStrangersLink, expectReadable } from './harmless.ts'

/** Events as their senders document them: what each says, of what, why, how bad it is, whom it concerns, and what ends it. */

const FOLDER = 'test/public-samples'

interface Row {
  from: string
  title: string
  about: string
  why?: string
  claims?: string
  status: Alert['status'] | 'once'
  rule: string
  links?: string[]
  ends?: string
}

const rows = parseYaml(readFileSync(`${FOLDER}/index.yml`, 'utf8')) as Record<string, Row>
const names = Object.keys(rows)
const shipped = readConfig('config/alerts.yml')
const now = new Date('2027-01-01T00:00:00Z')

function textOf(name: string): string {
  return readFileSync(`${FOLDER}/${name}.json`, 'utf8')
}
function read(input: unknown): Alert {
  const [alert, ...others] = parse(input, { now })
  expect(others).toEqual([])
  return alertSchema.parse(alert)
}
function sample(name: string): Alert {
  return read(JSON.parse(textOf(name)))
}
/** What becomes of these changes of one alert, in this order. */
function outcomes(...changes: Alert[]): string[] {
  let state: Parameters<typeof nextByChange>[0]
  return changes.map((alert, n) => {
    const next = nextByChange(state, { alert, change: `change-${n}` }, shipped, new Date(alert.changedAt))
    state = next.state
    return next.outcome
  })
}

test('each file has a row, with the page that documents its form', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'))
  expect(files.map((file) => file.replace('.json', '')).sort()).toEqual([...names].sort())
  for (const { from } of Object.values(rows)) expect(from).toMatch(/^https:\/\/\S+$/)
})

describe('a sample says', () => {
  test.each(Object.entries(rows))('%s', (name, { title, about, why, claims, status, rule, links = [] }) => {
    const alert = sample(name)
    const { severity, rule: by } = decide(alert, shipped)
    const { resource, reason, declaredSeverity, once } = alert
    const notified = { title: alert.title, about: resource, why: reason, claims: declaredSeverity }
    expect({ ...notified, status: once ? 'once' : alert.status, rule: `${severity}, ${by}` }).toEqual({
      ...{ title, about, why, claims },
      ...{ status, rule },
    })
    expect(Object.entries(alert.links).flatMap(([link, url]) => (url ? link : []))).toEqual(links)
  })
})

describe('every sample', () => {
  test.each(names)('%s: has a readable headline, and names', (name) => {
    const { title, resource, name: kind } = sample(name)
    expect(title.length).toBeLessThanOrEqual(200)
    for (const text of [title, resource]) expect(text).not.toMatch(/\barn:|undefined|\[object|\bnull\b/)
    const { Subject, 'detail-type': type } = JSON.parse(textOf(name))
    expect([type, 'AWS Notification Message', /Notification/.test(Subject) ? Subject : undefined]).not.toContain(title)
    expect(resource).not.toBe(kind === title ? '' : type)
  })

  test.each(names)('%s: is the same whichever way it arrives, and whenever', (name) => {
    const alert = sample(name)
    const Message = textOf(name)
    const TopicArn = 'arn:aws:sns:eu-west-1:111122223333:ops'
    const notification = { Type: 'Notification', TopicArn, Message }
    for (const input of [
      Message,
      notification,
      { Records: [{ EventSource: 'aws:sns', Sns: notification }] },
      { Records: [{ eventSource: 'aws:sqs', messageId: '1', body: JSON.stringify(notification) }] },
    ]) {
      const { fingerprint, title, status } = read(input)
      expect({ fingerprint, title, status }).toEqual({
        fingerprint: alert.fingerprint,
        title: alert.title,
        status: alert.status,
      })
    }
  })

  test.each(names)('%s: does not page because of a word in it', (name) => {
    const alert = sample(name)
    for (const [type, channel] of Object.entries(CHANNELS)) {
      const { severity, rule } = decide(alert, shipped)
      const notification = notificationSchema.parse({ id: 'n', channel: 'a', type, alert, severity, rule })
      const payload = channel.render(notification)
      expectHarmless(notification.type, payload)
      expectReadable(notification.type, channel.firstLine(payload))
      expectNoStrangersLink(notification.type, payload, alert)
    }
  })
})

describe('identity', () => {
  /** `access-analyzer`, of `access-analyzer-1-active`: what a sample and those that go on with it are about. */
  const subjectOf = (name: string) => name.replace(/-(?:\d-.*|deleted|suppressed|page-\d|low|stopped|event)$/, '')

  test('samples of different things are different alerts', () => {
    const bySubject = Map.groupBy(names, (name) => sample(name).fingerprint)
    for (const together of bySubject.values()) expect([...new Set(together.map(subjectOf))]).toHaveLength(1)
  })

  /** Their names and ids are those of one world, or they know no account. */
  const WORLDWIDE = /^(?:ses-|cost-|datadog|alertmanager|amp-|grafana-|security-hub|guardduty-\d|s3-records)/
  const ofAws = names.filter((name) => !WORLDWIDE.test(name) && !textOf(name).includes('"aws.health"'))

  test.each(ofAws)('%s: in another account it is another alert', (name) => {
    const other = read(JSON.parse(textOf(name).replaceAll('111122223333', '444455556666')))
    expect(other.fingerprint).not.toBe(sample(name).fingerprint)
  })

  test('an AWS Health event is one alert in each affected account', () => {
    const [one, other] = [sample('health-issue-1-open'), sample('health-issue-other-account')]
    expect(one.fingerprint).not.toBe(other.fingerprint)
    expect([one.account, other.account]).toEqual(['111122223333', '444455556666'])
    expect(sample('health-issue-2-closed').fingerprint).toBe(one.fingerprint)
  })

  test('and one alert for each of its pages', () => {
    const pages = [sample('health-lifecycle-page-1'), sample('health-lifecycle-page-2')]
    expect(pages.map(({ details }) => details.page)).toEqual(['1 of 2', '2 of 2'])
    expect(outcomes(...pages)).toEqual(['sent', 'sent'])
  })
})

describe('a resolve', () => {
  const ends = Object.entries(rows).filter(([, { status }]) => status === 'resolved')
  const pairs = ends.flatMap(([name, { ends }]): [string, string][] => (ends ? [[name, ends]] : []))

  test.each(pairs)('%s resolves %s', (end, begin) => {
    const [before, after] = [sample(begin), sample(end)]
    expect(after.fingerprint).toBe(before.fingerprint)
    expect(after.changedAt > before.changedAt).toBe(true)
    expect(outcomes(before, after)).toEqual(['sent', 'sent'])
  })

  test.each(ends.map(([name]) => name))('%s, without a known firing, is sent to nobody', (name) => {
    expect(outcomes(sample(name))).toEqual(['nobody'])
  })
})

describe('who the shipped rules notify', () => {
  const notified = (name: string) => decide(sample(name), shipped)

  test.each([
    'sign-in-root',
    'trusted-advisor-exposed-key',
    'health-exposed-key',
    'health-abuse',
    'guardduty-1-active',
  ])('%s is a breach: the security team is notified, too', (name) => {
    expect(notified(name)).toMatchObject({ severity: 'critical', rule: 'security breach' })
    expect(notified(name).channels).toEqual(['pagerduty', 'slack-critical', 'email', 'email-security'])
  })

  test.each(['canary-1-failed', 'alarm-route53-health-check', 'certificate-2-expired', 'rds-failed'])(
    '%s is an outage',
    (name) => {
      expect(notified(name)).toMatchObject({ severity: 'critical', rule: 'system down' })
      expect(notified(name).channels).toContain('pagerduty')
    },
  )

  test.each([
    ['rds-storage-1-full', 'critical'],
    ['rds-storage-stopped', 'critical'],
    ['rds-storage-low', 'warning'],
    ['opensearch-disk', 'warning'],
    ['trusted-advisor-limit-1-warn', 'warning'],
    ['datadog-text-1-triggered', 'warning'],
  ])('%s is a resource limit, %s', (name, severity) => {
    expect(notified(name)).toMatchObject({ severity, rule: expect.stringMatching(/^resource (?:limits|exhausted)$/) })
  })

  test.each(['rds-backup', 's3-object-created', 'ecr-push', 'kms-rotated', 'spot-interruption', 'ses-bounce'])(
    '%s is for information, and wakes nobody',
    (name) => {
      expect(notified(name)).toMatchObject({ severity: 'info', channels: ['email'] })
    },
  )
})
