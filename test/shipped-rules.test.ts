import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { SEVERITIES, type Severity } from '../schemas/config.ts'
import { SEVERITY_WORDS } from '../shared/alert/severity-word.ts'
import { alertOf } from '../shared/cases/alert-of.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'

const config = readConfig('config')

/** An alarm that pages, were it of production. */
function alarm(name: string, fields: Partial<Alert> = {}): Alert {
  const of = { account: '123456789012', region: 'eu-west-1', namespace: 'AWS/EC2', metric: 'StatusCheckFailed' }
  return alertOf({ alert: { name, ...of, ...fields }, at: '2026-11-03T10:00:00.000Z' }) as Alert
}

const severityOf = (alert: Alert) => decide(alert, config).severity

/** Of an event of ours, in its sender's words. */
function ofEvent(event: object): Severity {
  const [alert] = parse({ source: 'ledger', ...event })
  return severityOf(alert as Alert)
}

describe('production pages', () => {
  test.each([
    'orders-availability',
    'prod-load-test-results-availability',
    'ab-test-service-prod-down',
    'ab-test-service-down',
    'a/b test down',
    'prod-qa-bot-down',
    'qa-bot-down',
    'product-test-api-down',
    'smoke-tests-down',
    'prod-dev-tools-down',
    'orders-production-staging-copy-down',
    'PRD_TEST_ORDERS_DOWN',
    'prod1-test-down',
    'latest-orders-down',
    'contest-down',
    'device-registry-down',
    'backstage-down',
    'squad-down',
    'guitar-tuner-down',
    'DevOpsBotDown',
    'LatestOrdersDown',
    'ContestDown',
    'PenTest:IAMUser/KaliLinux',
    'ApiIntegrationLatency',
    'ABTestServiceDown',
    'ProductTestApiDown',
    'OrdersProdDevToolsDown',
    'link-preview-api-down',
    'print-server-down',
    'internal-api-down',
    'performance-orders',
    'Synthetics Canary TestRun Failure',
    'nightly test run is down',
    // Words of tests that are words of products, too, and those within a word in camel case.
    ...['checkout-perf-p99-latency', 'int-gateway-5xx', 'invoice-preview-errors', 'book-a-demo-form-errors'],
    ...[
      'db1.int.acme.net:9100',
      'interest-int-api',
      'stripe-integration',
      'perf-monitor-down',
      'load-test-controller',
      'loadtest-api',
    ],
    ...['SandboxViolation', 'StagingAreaLoader', 'DevPortalDown', 'UatService', 'QATARAirways', 'TestDriveBooking'],
  ])('%s', (name) => {
    expect(severityOf(alarm(name))).toBe('critical')
    expect(severityOf(alarm('orders-down', { resource: `${name} (FunctionName)` }))).toBe('critical')
  })

  test.each<[string, Partial<Alert>]>([
    ['a tag', { tags: { environment: 'prod' } }],
    ['a tag in other words', { tags: { env: 'Production' } }],
    ['a tag with what it is beside', { tags: { Environment: 'prod-eu-1' } }],
    ['the stage of its API', { dimensions: { Stage: 'live' } }],
    ['a detail', { details: { environment: 'prd' } }],
  ])('whatever its name, if %s says so', (_, fields) => {
    expect(severityOf(alarm('orders-test-staging-dev-down', fields))).toBe('critical')
    expect(severityOf(alarm('OrdersDevDown', fields))).toBe('critical')
    expect(severityOf(alarm('orders-non-prod', fields))).toBe('critical')
  })

  test('a tag of any of these keys and values, whatever the name', () => {
    const key = fc.constantFrom('environment', 'env', 'stage').chain((one) => {
      return fc.constantFrom(one, one.toUpperCase(), one[0]?.toUpperCase() + one.slice(1))
    })
    const value = fc.tuple(
      fc.constantFrom('', 'eu-', 'eu-west-1-', 'blue ', 'orders_', 'store-', 'test-', 'main.', 'stage '),
      fc.constantFrom('prod', 'production', 'prd', 'live', 'Prod', 'PRODUCTION', 'prod2'),
      fc.constantFrom('', '-eu', '-blue', ' (EU)', '_1', '.b', '-dev-tools', '-test', '_like', ' staging'),
    )
    fc.assert(
      fc.property(
        key,
        value,
        fc.constantFrom('orders-dev', 'OrdersStaging', 'x-nonprod', 'qa-down'),
        (tag, of, name) => {
          expect(severityOf(alarm(name, { tags: { [tag]: of.join('') } }))).toBe('critical')
        },
      ),
    )
  })

  test.each([
    ['$default (Stage)', 'abc123 (ApiId), $default (Stage)'],
    ['v1 (Stage)', 'orders (ApiName), v1 (Stage)'],
    ['what a dimension is called', 'stripe (Integration), 7 (Test)'],
    ['a disk', '/dev/xvda1 (Filesystem), i-0abc (InstanceId), / (MountPath)'],
    ['a disk of Prometheus', '/dev/nvme0n1'],
    ['a volume', '/dev/mapper/data-root'],
  ])('by its subject: %s', (_, resource) => {
    expect(severityOf(alarm('orders-down', { resource }))).toBe('critical')
    expect(severityOf(alarm('dev-orders-down', { resource }))).toBe('warning')
  })

  test.each([
    'Stripe integration is down',
    'Health test failed on payment-api',
    'Stage 3 of checkout fails',
    '/dev/sda1 is full on db1',
    'The job cannot write to /dev/null',
  ])('a sentence is about production: %s', (title) => {
    expect(ofEvent({ title, severity: 'critical' })).toBe('critical')
    const [ofMessage] = parse({ severity: 'critical', message: title })
    expect(severityOf(ofMessage as Alert)).toBe('critical')
    expect(ofEvent({ title, severity: 'critical', id: 'orders-test' })).toBe('warning')
  })

  test('a sentence from Grafana is about production, too', () => {
    const fields = { kind: 'prometheus-alarm', resource: 'pay-1', declaredSeverity: 'critical' } as const
    expect(severityOf(alarm('Payment test transaction failed', fields))).toBe('critical')
    expect(severityOf(alarm('PaymentTestFailed', { ...fields, resource: 'test/pay-1' }))).toBe('warning')
  })

  test('a system that goes down there is an outage, and a download is not', () => {
    const names = ['orders-api-down', 'ServiceDownAlarm', 'site_down', 'download-site-down', 'host-downtime']
    for (const name of names) expect([name, severityOf(alarm(name, { metric: 'Custom' }))]).toEqual([name, 'critical'])
    const others = ['api-downstream-errors', 'site-downloads', 'server-download-count', 'service-downscaled']
    for (const name of others) expect([name, severityOf(alarm(name, { metric: 'Custom' }))]).toEqual([name, 'warning'])
    expect(ofEvent({ title: 'API downloads are slow' })).toBe('warning')
    expect(ofEvent({ title: 'API is down' })).toBe('critical')
  })

  test('an event of ours too, whatever its title', () => {
    expect(ofEvent({ title: 'prod-ab-test-api: site is down' })).toBe('critical')
    expect(ofEvent({ title: 'Test API: site is down', environment: 'prod' })).toBe('critical')
  })

  test('a name with prod in it is not lowered by any other word in it', () => {
    const word = fc.constantFrom(
      'test',
      'tests',
      'qa',
      'ab-test',
      'load-test',
      'dev',
      'staging',
      'stage',
      'orders',
      'api',
    )
    const prod = fc.constantFrom('prod', 'production', 'prd', 'prod2', 'PROD')
    const separator = fc.constantFrom('-', '_', '.', ' ', '/')
    fc.assert(
      fc.property(fc.array(word), prod, fc.array(word), separator, (before, said, after, between) => {
        expect(severityOf(alarm([...before, said, ...after].join(between)))).toBe('critical')
      }),
    )
  })
})

describe('non-production never pages', () => {
  const WORDS = [
    ...['dev', 'devel', 'develop', 'development', 'test', 'tests', 'testing', 'qa', 'uat', 'stg', 'staging', 'stage'],
    ...['sandbox', 'preprod', 'pre-prod', 'preproduction', 'pre-production'],
    ...['nonprod', 'non-prod', 'nonproduction', 'non_prod', 'staging2', 'dev01', 'test3', 'STAGING'],
  ]

  test.each(WORDS)('by a name with %s', (word) => {
    const names = [word, `${word}-orders-down`, `orders-${word}-down`, `orders_${word}`, `[${word}] orders down`]
    for (const name of names) expect([name, severityOf(alarm(name))]).toEqual([name, 'warning'])
    expect(severityOf(alarm('orders-down', { resource: `orders-${word} (FunctionName)` }))).toBe('warning')
  })

  // Production is one of these words, but not their meaning.
  const ALMOST = ['not-prod', 'pre-live', 'eu-non-prod', 'preprod-eu', 'non.production', 'Pre Prod']
  const ONLY_IN_TAGS = ['loadtest', 'load-test', 'perf', 'preview', 'demo', 'int', 'integration']

  test.each([...WORDS, ...ALMOST, ...ONLY_IN_TAGS])('by a tag, a dimension or a detail of %s', (word) => {
    const keys = ['environment', 'Environment', 'ENVIRONMENT', 'env', 'Env', 'ENV', 'stage', 'Stage', 'STAGE']
    const given = [
      ...keys.map((tag) => ({ tags: { [tag]: word } })),
      ...['Environment', 'environment', 'Stage', 'stage'].map((dimension) => ({ dimensions: { [dimension]: word } })),
      { details: { environment: word } },
    ]
    for (const fields of given) expect([fields, severityOf(alarm('orders-down', fields))]).toEqual([fields, 'warning'])
    expect(ofEvent({ title: 'Site is down', environment: word })).toBe('warning')
  })
})

describe('a person is in no environment', () => {
  const PEOPLE = ['dev-bob', 'test-runner', 'qa', 'staging-ci', 'nonprod-deployer', 'bob']
  const envelope = { version: '0', account: '111122223333', time: '2026-11-26T09:00:00Z', region: 'us-east-1' }
  const ofAws = (source: string, type: string, detail: object) =>
    parse({ ...envelope, id: 'a', 'detail-type': type, source, resources: [], detail })[0] as Alert

  const exposedKey = (user: string) =>
    ofAws('aws.trustedadvisor', 'Trusted Advisor Check Item Refresh Notification', {
      'check-name': 'Exposed Access Keys',
      'check-item-detail': { 'User Name (IAM or Root)': user, 'Access Key ID': 'AKIAIOSFODNN7EXAMPLE' },
      status: 'ERROR',
    })
  const guardDuty = (resource: object) =>
    ofAws('aws.guardduty', 'GuardDuty Finding', { id: 'g', title: 'Credentials used', severity: 8, resource })
  const securityHub = (Type: string, Id: string) =>
    ofAws('aws.securityhub', 'Security Hub Findings - Imported', {
      findings: [
        {
          ...{ Id: 'f', Title: 'Credentials used', Types: ['TTPs/Initial Access'], Severity: { Label: 'HIGH' } },
          Resources: [{ Type, Id }],
        },
      ],
    })
  const risk = (entityValue: string) =>
    ofAws('aws.health', 'AWS Health Abuse Event', {
      ...{ service: 'RISK', eventTypeCode: 'AWS_RISK_CREDENTIALS_EXPOSED', eventTypeCategory: 'issue' },
      affectedEntities: [{ entityValue }],
    })

  test.each(PEOPLE)('whose key leaks pages, whatever the name: %s', (user) => {
    const alerts = [
      exposedKey(user),
      guardDuty({ resourceType: 'AccessKey', accessKeyDetails: { userName: user } }),
      securityHub('AwsIamUser', `arn:aws:iam::111122223333:user/${user}`),
      securityHub('AwsIamAccessKey', user),
      risk(user),
    ]
    for (const alert of alerts) expect([alert.source, severityOf(alert)]).toEqual([alert.source, 'critical'])
  })

  test('but a machine is, and a tag decides for a person, too', () => {
    const instance = { resourceType: 'Instance', instanceDetails: { instanceId: 'dev-1' } }
    expect(severityOf(guardDuty(instance))).toBe('warning')
    const bob = exposedKey('bob')
    expect(severityOf({ ...bob, tags: { environment: 'dev' } })).toBe('warning')
  })
})

describe('an event’s declared severity is used', () => {
  const WORDS: [string, Severity][] = [
    ...[
      'P0',
      'P1',
      'SEV0',
      'SEV-1',
      'sev 1',
      'Sev1',
      'S1',
      'urgent',
      'emerg',
      'blocker',
      'Critical!',
      '[P1]',
      'panic',
    ].map((word): [string, Severity] => [word, 'critical']),
    ...['P2', 'SEV-3', 's2', 'High', 'error', 'Priority 3', 'Moderate'].map((word): [string, Severity] => [
      word,
      'warning',
    ]),
    ...['P4', 'sev-5', 'S4', 'Notice', 'low', 'DEBUG', 'Severity 4'].map((word): [string, Severity] => [word, 'info']),
  ]

  test.each(WORDS)('%s: %s', (severity, meant) => {
    expect(ofEvent({ title: 'Ledger does not balance', severity })).toBe(meant)
    expect(severityOf(alarm('orders-queue', { metric: 'Depth', declaredSeverity: severity }))).toBe(meant)
  })

  test.each<[string, string, Severity]>([
    ['a title that is critical, and less in its own words', 'Database is down', 'critical'],
    ['a title that is a warning', 'High error rate', 'warning'],
  ])('%s', (_, title, usual) => {
    expect(ofEvent({ title })).toBe(usual)
    const known = SEVERITIES.flatMap((meant) => SEVERITY_WORDS[meant].map((word): [string, Severity] => [word, meant]))
    for (const [severity, meant] of [...WORDS, ...known]) {
      // One that declares itself high, or an error, may be critical by its title.
      const isOpen = /^(high|err|error|major)$/i.test(severity)
      if (!isOpen) expect([severity, ofEvent({ title, severity })]).toEqual([severity, meant])
    }
  })

  test('an unknown word is a warning', () => {
    for (const severity of ['purple', 'not critical', 'p9', 'sev', '1'])
      expect([severity, ofEvent({ title: 'Ledger does not balance', severity })]).toEqual([severity, 'warning'])
  })

  test('an unknown word does not keep an alarm from paging, or from being a warning', () => {
    const LOW = ['low at night', 'info/critical', 'low-at-night', '5', '4', 'none set']
    for (const declaredSeverity of ['kritisch', 'top', 'not critical', '7', 'sehr hoch', ...LOW]) {
      expect(severityOf(alarm('database-down', { metric: 'Custom', declaredSeverity }))).toBe('critical')
      expect(severityOf(alarm('orders-latency', { metric: 'Custom', declaredSeverity }))).toBe('warning')
      expect(severityOf(alarm('orders-custom', { metric: 'Custom', declaredSeverity }))).toBe('warning')
      expect(ofEvent({ title: 'Database is down', severity: declaredSeverity })).toBe('critical')
    }
  })

  test('an unknown word does not make an alarm page', () => {
    const HIGH = [
      'critical-business-hours',
      'critical_offhours',
      'page-business-hours',
      '1 of 3 nodes down',
      'page the DBA',
    ]
    for (const declaredSeverity of [...HIGH, 'page load time', 'emergency stop button', 'SEV1/Page']) {
      expect(severityOf(alarm('orders-custom', { metric: 'Custom', declaredSeverity }))).toBe('warning')
      expect(ofEvent({ title: 'Ledger does not balance', severity: declaredSeverity })).toBe('warning')
    }
  })

  test('every word that means a severity, and no other, sets an alarm’s severity', () => {
    for (const meant of SEVERITIES) {
      for (const declaredSeverity of SEVERITY_WORDS[meant]) {
        const decision = decide(alarm('database-down', { declaredSeverity }), config)
        expect([declaredSeverity, decision.rule, decision.severity]).toEqual([
          declaredSeverity,
          'says its severity',
          meant,
        ])
      }
    }
  })

  test.each(['usage report', 'maintenance', 'health check', 'deployment'])('is not lowered by the class %s', (kind) => {
    const event = { title: 'Ledger does not balance', class: kind }
    expect(ofEvent(event)).toBe('info')
    expect(ofEvent({ ...event, severity: 'low' })).toBe('info')
    expect(ofEvent({ ...event, severity: 'warning' })).toBe('warning')
    expect(ofEvent({ ...event, severity: 'critical' })).toBe('critical')
    expect(ofEvent({ ...event, severity: 'critical', state: 'failed' })).toBe('critical')
  })

  test.each([
    ['Nightly report is ready', 'info'],
    ['Deployment of orders completed', 'info'],
    ['Scheduled maintenance tonight', 'info'],
    ['Health check passed', 'info'],
    ['Bug report: checkout is down', 'warning'],
    ['The report is not there', 'warning'],
    ['Deployment of orders did not complete', 'warning'],
    ['Deployment incomplete', 'warning'],
    ['Deployment finished, and was rolled back', 'warning'],
    ['Emergency maintenance: all databases offline', 'warning'],
    ['Health check of the API failed', 'warning'],
    ["Health check can't reach the API", 'warning'],
  ] as [string, Severity][])('of a text without one: %s, %s', (Message, severity) => {
    const [alert] = parse({ Type: 'Notification', Message })
    expect(severityOf(alert as Alert)).toBe(severity)
    expect(ofEvent({ title: Message })).toBe(severity)
  })

  test('a log line is never info because of its words', () => {
    const logEvents = [{ id: '1', timestamp: 1, message: 'GET /health-check/report 500' }]
    const [alert] = parse({ messageType: 'DATA_MESSAGE', logGroup: '/orders', logStream: 's', logEvents })
    expect(severityOf(alert as Alert)).toBe('warning')
  })

  test.each<[string, object | string, Severity]>([
    ['in an attribute', 'Checkout is down', 'critical'],
    ['in an attribute, of a report', 'The report is not there', 'critical'],
    ['in an attribute, of maintenance', 'Maintenance failed', 'critical'],
    ['in an attribute, of a health check', 'health check fails', 'critical'],
  ])('a text that declares one %s', (_, Message, severity) => {
    const MessageAttributes = { severity: { Type: 'String', Value: severity } }
    const [alert] = parse({ Type: 'Notification', Message, MessageAttributes })
    expect(severityOf(alert as Alert)).toBe(severity)
  })

  test.each<[object, Severity]>([
    [{ alert: 'Checkout is down', severity: 'critical' }, 'critical'],
    [{ alert: 'Checkout is slow', severity: 'P4' }, 'info'],
    [{ alert: 'Checkout is slow', severity: 'purple' }, 'warning'],
    [{ msg: 'Checkout is down', level: 'fatal' }, 'critical'],
    [{ msg: 'Checkout is down', level: 'trace' }, 'warning'],
    [{ msg: 'battery low', level: 'low' }, 'warning'],
    [{ msg: 'db is down', level: 'none' }, 'warning'],
    [{ msg: 'Boss beaten', level: 'page 3' }, 'warning'],
    [{ msg: 'Disk', level: 'WARN' }, 'warning'],
    [{ msg: 'A bed', severity: 'urgent care' }, 'warning'],
  ])('JSON that declares one in a field: %j is %s', (message, severity) => {
    expect(severityOf(parse(message)[0] as Alert)).toBe(severity)
  })

  test.each([
    'FATAL:  password authentication failed for user "app"',
    'ERROR checkout is down',
    'a line that names no level',
    'INFO payment failed for order 5: card service unreachable',
    'TRACE 500 upstream',
    '[alert] 1#1: worker process exited',
    '{"level": "fatal", "msg": "x"}',
  ])('but the level of a log line, which is its meaning for the program, does not count: %s', (message) => {
    const data = { messageType: 'DATA_MESSAGE', owner: '1', logGroup: 'g', logEvents: [{ id: '1', message }] }
    const { severity, rule } = decide(parse(data)[0] as Alert, config)
    expect([severity, rule]).toEqual(['warning', 'default'])
  })

  test('Prometheus alerts that nobody must act on are no warnings', () => {
    for (const alertname of ['Watchdog', 'InfoInhibitor']) {
      const alerts = [{ status: 'firing', labels: { alertname, severity: 'none' }, startsAt: '2026-10-05T07:00:00Z' }]
      expect(severityOf(parse({ alerts })[0] as Alert)).toBe('info')
    }
  })
})
