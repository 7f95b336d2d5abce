import { describe, expect, test } from 'vitest'
import { EVENT_KINDS } from '../schemas/platform.ts'
import { AWS_SERVICES } from '../shared/platform/aws-metrics.ts'
import { platformFindings } from '../shared/platform/findings.ts'
import { QUERIES } from '../shared/platform/queries.ts'
import { openPlatform, readPlatformText } from '../shared/platform/read.ts'
import { blocksOf, textOf } from './doc-pages.ts'
import { readEmf } from './emf.ts'
import { platformText, SHIPPED_PLATFORM, shippedPlatform } from './some-platform.ts'

const FILE = 'config/platform.yml'

test('the shipped platform is valid, and nothing about it is doubtful', () => {
  expect(platformFindings(shippedPlatform())).toEqual([])
})

test('every KPI of the operations guide is an objective or a figure', () => {
  const { objectives, kpis } = shippedPlatform()
  expect(Object.entries(objectives).map(([name, { goal, over }]) => [name, goal, over])).toEqual([
    ['availability', 99.9, '30d'],
    ['errors', 99.9, '30d'],
  ])
  const bounds = Object.entries(kpis).map(([name, { atLeast, atMost, between, shown }]) => [
    name,
    atLeast ?? atMost ?? between ?? shown,
  ])
  expect(Object.fromEntries(bounds)).toEqual({
    'data-quality': 95,
    'time-to-insight': 14_400,
    'batch-latency': 300,
    'streaming-latency': 30,
    'container-cpu': [70, 80],
    'database-cpu': [70, 80],
    'daily-cost': true,
    security: 0,
    'cost-per-record': 0.0005,
    adoption: true,
  })
})

test('the line of EMF in docs/platform.md is a value of the metric that the shipped file says is published so', () => {
  const [line] = blocksOf('docs/platform.md').filter(({ language }) => language === 'json')
  const { namespace, metric, unit, dimensions } = shippedPlatform().metrics['active-users'] ?? {}
  expect(readEmf(line?.text ?? '')).toEqual([{ namespace, metric, unit, dimensions, value: 42 }])
})

test('docs/platform.md names each type of service, each of its metrics, and each kind of event', () => {
  const page = textOf('docs/platform.md')
  const metrics = Object.entries(AWS_SERVICES).flatMap(([type, of]) => [type, ...Object.keys(of.metrics)])
  for (const name of [...metrics, 'http', ...EVENT_KINDS, ...Object.keys(QUERIES)])
    expect(page).toContain(`\`${name}\``)
})

/** Of a valid file with one edit, the messages. */
function messages(...edits: [string, string][]): string[] {
  const { problems } = openPlatform(platformText(...edits), FILE)
  return problems.map(({ place, path, message }) => `${place.line}:${place.col} ${path.join('.')}: ${message}`)
}

describe('an error says where it is, what was found, and what is allowed', () => {
  test.each<[string, string, RegExp]>([
    [
      'type: ecs',
      'type: ec2',
      /^\d+:\d+ services\.streaming\.type: unknown service type "ec2"\. Did you mean "ecs"\? Allowed: lambda, ecs, rds, s3, queue, http\.$/,
    ],
    [
      'percent: availability',
      'percent: availabilty',
      /objectives\.availability\.percent: unknown metric "availabilty"\. Did you mean "availability"\? Allowed: .*Or SERVICE\.METRIC/,
    ],
    [
      'goal: 99.9',
      'goal: 100',
      /objectives\.availability\.goal: found 100: a goal is a percentage from 50 to below 100/,
    ],
    [
      'owner: portal',
      'ownr: portal',
      /services\.portal\.ownr: unknown key "ownr"\. Did you mean "owner"\? Allowed: type, url, status, text, timeout, owner, environment\.$/,
    ],
    [
      'from: { by: probe',
      'from: { by: prob',
      /metrics\.availability\.from\.by: unknown "by" "prob"\. Did you mean "probe"\?/,
    ],
    [
      'services: [portal, api]',
      'services: [portal, lake]',
      /metrics\.availability\.from\.services\.1: "lake" is of type s3\. Allowed: portal, api\.$/,
    ],
    ['services: [portal, api]', 'services: [portal, shop]', /unknown service "shop"\. Allowed: portal, api\.$/],
    [
      'metric: warehouse.CPUUtilization',
      'metric: warehouse.CPUUtilisation',
      /kpis\.database-cpu\.metric: "warehouse" has no metric "CPUUtilisation"\. Did you mean "CPUUtilization"\?/,
    ],
    [
      'metric: warehouse.CPUUtilization',
      'metric: portal.Latency',
      /AWS publishes none for an http service: use a metric by the probe$/,
    ],
    [
      'metric: warehouse.CPUUtilization',
      'metric: store.CPUUtilization',
      /unknown service "store" in "store\.CPUUtilization"/,
    ],
    ['Europe/Berlin', 'Europe/Berln', /timezone: unknown time zone "Europe\/Berln"\. Did you mean "Europe\/Berlin"\?/],
    [
      'atLeast: 95',
      'atLeast: 95, atMost: 99',
      /kpis\.data-quality: found 2 bounds: write one of atLeast, atMost, between; or shown: true$/,
    ],
    [
      'between: [70, 80]',
      'between: [80, 70]',
      /kpis\.container-cpu\.between: found \[80, 70\]: write the lower bound first$/,
    ],
    [
      'below: 99',
      'below: 99\n    above: 3',
      /alarms\.system-availability: found 2 bounds: write one of above, below, atLeast$/,
    ],
    [
      'periods: 2',
      'periods: 2\n    datapoints: 3',
      /alarms\.system-availability\.datapoints: found 3: at most the number of periods, 2$/,
    ],
    [
      'percent: availability',
      'percent: availability\n    ratio: { bad: Errors, total: Invocations, of: [data-processor] }',
      /objectives\.availability: found several of them: write percent or ratio$/,
    ],
    ['by: log, service: streaming', 'by: log, service: lake', /the service "lake" has no log group\. Add logGroup/],
    [
      'of: [data-processor, data-validator]',
      'of: [data-processor, warehouse]',
      /objectives\.errors\.ratio\.of\.1: "warehouse" has no metric "Errors"/,
    ],
    [
      'https://portal.example.com/health',
      'https://ana:s3cret@portal.example.com/health',
      /services\.portal\.url: it has a user name or a password, which the probe does not send: (?!.*s3cret)/,
    ],
    ['type: http,', 'type: http, timeout: 30s,', /services\.portal\.timeout: found 30s: at most 20s$/],
    ['unit: Percent', 'unit: percent', /metrics\.availability\.unit: found "percent"\. Did you mean "Percent"\?/],
    ['on: weekdays', 'on: sundays', /reports\.daily\.on: found "sundays"\. Allowed: every day, weekdays/],
    ['"07:30"', '"7:30"', /reports\.daily\.at: found "7:30": a time of day is HH:MM/],
    ['days: 30', 'days: 31', /logs\.days: found 31: CloudWatch Logs keeps lines for 1, 3, 5/],
    ['events: [guardduty', 'events: [guard-duty', /events\.0: found "guard-duty"\. Did you mean "guardduty"\?/],
    [
      'per: records',
      'per: recrods',
      /metrics\.cost-per-record\.from\.per: unknown metric "recrods"\. Did you mean "records"\?/,
    ],
    ['over: 1d', 'over: 1 day', /kpis\.data-quality\.over: found "1 day": a duration is a whole number/],
    [
      'metrics:\n  availability',
      'metric:\n  availability',
      /^\d+:1 metric: unknown key "metric"\. Did you mean "metrics"\?/,
    ],
  ])('%s → %s', (was, is, message) => {
    expect(messages([was, is]).join('\n')).toMatch(message)
  })

  const longest = (length: number, of = 'a') => of.repeat(length)
  test.each<[key: string, was: string, taken: string[], refused: string[]]>([
    [
      'function',
      'function: data-processor',
      ['a', 'My_f-1', longest(64)],
      [longest(65), 'a b', 'weird name $(id)', "x'; rm -rf / #<b>", 'f.g'],
    ],
    ['cluster', 'cluster: platform', ['a', 'A_b-1', longest(255)], [longest(256), 'a/b', 'a b']],
    ['service', 'service: streaming, logGroup', ['a', longest(255)], [longest(256), 'a$(id)']],
    ['instance', 'instance: platform-warehouse', ['a', 'a-1', longest(63)], [longest(64), '1a', 'a-', 'a--b', 'a_b']],
    [
      'bucket',
      'bucket: platform-data-lake',
      ['abc', 'a.b-c', longest(63)],
      ['ab', longest(64), 'Abc', '-ab', 'ab-', 'a b'],
    ],
    [
      'queue',
      'queue: platform-ingest',
      ['a', 'a_B-1', 'a.fifo', longest(80)],
      [longest(81), 'a.b', 'a b', `${longest(76)}.fifo`],
    ],
    ['logGroup', 'logGroup: /ecs/platform/streaming', ['/a.b_c-d#1', longest(512)], [longest(513), 'a b', 'a:b', 'a*']],
    ['storage', '[StandardStorage]', ['[StandardIAStorage]'], ['["Standard Storage"]']],
  ])('%s: a name that AWS allows, and no other', (key, was, taken, refused) => {
    const prefix = was.startsWith('[') ? '' : `${was.split(':')[0]}: `
    const end = was.endsWith(', logGroup') ? ', logGroup' : ''
    const found = (name: string) =>
      messages([was, `${prefix}${prefix === '' ? name : JSON.stringify(name)}${end}`]).filter((one) =>
        /^\d+:\d+ services\./.test(one),
      )
    for (const name of taken) expect(found(name)).toEqual([])
    for (const name of refused) expect(found(name)).toEqual([expect.stringContaining(`.${key}`)])
  })

  test.each<[string, was: string, is: string, path: string]>([
    ['an alarm', 'what: Data was lost', 'what: "@"', 'alarms.data-loss.what'],
    ['a figure', 'what: Data quality,', 'what: "@",', 'kpis.data-quality.what'],
    ['an objective', 'what: The platform answers', 'what: "@"', 'objectives.availability.what'],
    [
      'a dimension',
      'unit: Percent\n',
      'unit: Percent\n    dimensions: { A: "@" }\n',
      'metrics.availability.dimensions.A',
    ],
    ['its name', 'unit: Percent\n', 'unit: Percent\n    dimensions: { "@": a }\n', 'metrics.availability.dimensions.'],
  ])('a variable of CloudFormation or serverless in %s is refused, where it is written', (_what, was, is, path) => {
    for (const text of [`\${AWS::Region}`, `of \${self:service}`]) {
      expect(messages([was, is.replace('@', text)])).toEqual([
        expect.stringMatching(/^\d+:\d+ .+: found ".*": \$\{ begins a variable/),
      ])
      expect(messages([was, is.replace('@', text)])[0]).toContain(` ${path}`)
    }
    for (const text of ['5 $', '{a}', '$.a', '$ {a}']) expect(messages([was, is.replace('@', () => text)])).toEqual([])
  })

  test.each([
    ['services:\n', 'services:\n  __proto__: { type: lambda, function: a, owner: data }\n', 'services.__proto__'],
    ['kpis:\n', 'kpis:\n  __proto__: { what: A, metric: quality, shown: true }\n', 'kpis.__proto__'],
    [
      'unit: Percent\n',
      'unit: Percent\n    dimensions: { __proto__: a }\n',
      'metrics.availability.dimensions.__proto__',
    ],
  ])('a name that would be dropped is refused: %j', (was, is, path) => {
    expect(messages([was, is])).toEqual([expect.stringMatching(`^\\d+:\\d+ ${path}: unknown key "__proto__"`)])
  })

  test('a report that is misspelt: what there is', () => {
    expect(messages(['  daily: {', '  dayly: {'])).toEqual([
      expect.stringMatching(
        /reports\.dayly: unknown key "dayly"\. Did you mean "daily"\? Allowed: daily, handover, performance, weekly, capacity, maintenance\.$/,
      ),
    ])
  })

  test('more than five services in a ratio do not fit into an alarm', () => {
    const more = ['a', 'b', 'c', 'd'].map((name) => `  fn-${name}: { type: lambda, function: ${name}, owner: data }\n`)
    const found = messages(
      ['services:\n', `services:\n${more.join('')}`],
      ['of: [data-processor, data-validator]', 'of: [data-processor, data-validator, fn-a, fn-b, fn-c, fn-d]'],
    )
    expect(found.join()).toMatch(
      /objectives\.errors\.ratio\.of: found 6 services: an alarm's math takes 10 metrics, so at most 5\. Make two objectives$/,
    )
  })

  test('a file that is no YAML names the line', () => {
    expect(() => readPlatformText(`${SHIPPED_PLATFORM}\nservices: [`, FILE)).toThrow(
      /^config\/platform\.yml:\d+:\d+: YAML syntax error/,
    )
  })
})

/** The findings of the shipped file with one edit: their codes, paths and messages. */
function findings(...edits: [string, string][]) {
  return platformFindings(readPlatformText(platformText(...edits), FILE)).map(({ code, path, message }) => ({
    code,
    path: path.join('.'),
    message,
  }))
}

const metric = (name: string, namespace: string, metricName: string, more = '') =>
  `metrics:\n  ${name}: { namespace: ${namespace}, metric: ${metricName}, unit: Percent${more} }\n`

describe('what can’t work is found, although every name is defined', () => {
  test.each<[string, [string, string][], { code: string; path: string; message: RegExp }]>([
    [
      'a metric that nobody publishes',
      [['    from: { by: probe, services: [portal, api] }\n', '']],
      {
        code: 'nobody-publishes',
        path: 'metrics.availability',
        message: /^nobody publishes Platform\/Health SystemAvailability/,
      },
    ],
    [
      'the guide’s three names for data quality',
      [
        [
          'metrics:\n',
          metric('score', 'Platform/Business', 'DataQualityScore', ', from: { by: emf, service: streaming }'),
        ],
      ],
      {
        code: 'alike-metrics',
        path: 'metrics.quality.metric',
        message: /Platform\/Quality DataQualityScore and Platform\/Business DataQualityScore may be one metric/,
      },
    ],
    [
      'another word in the name',
      [
        [
          'metrics:\n',
          metric('overall', 'Platform/Quality', 'OverallQualityScore', ', from: { by: emf, service: streaming }'),
        ],
      ],
      { code: 'alike-metrics', path: 'metrics.quality.metric', message: /OverallQualityScore/ },
    ],
    [
      'one metric under two names of the file',
      [
        [
          'metrics:\n',
          metric('again', 'Platform/Quality', 'DataQualityScore', ', from: { by: emf, service: streaming }'),
        ],
      ],
      {
        code: 'one-metric-twice',
        path: 'metrics.quality',
        message: /^"quality" and "again" are one metric with two names$/,
      },
    ],
    [
      'a bucket’s size without its storage type',
      [['metrics:\n', metric('size', 'AWS/S3', 'BucketSizeBytes', ', dimensions: { BucketName: lake }')]],
      {
        code: 'dimension-missing',
        path: 'metrics.size',
        message: /^AWS\/S3 BucketSizeBytes has no data without StorageType/,
      },
    ],
    [
      'a cluster’s CPU without the cluster',
      [['metrics:\n', metric('cpu', 'AWS/ECS', 'CPUUtilization')]],
      { code: 'dimension-missing', path: 'metrics.cpu', message: /without ClusterName/ },
    ],
    [
      'an objective that even an outage of everything does not page for',
      [['goal: 99.9', 'goal: 80']],
      {
        code: 'budget-gone-first',
        path: 'objectives.availability.goal',
        message: /^nothing pages for this objective: with 20 % that may fail/,
      },
    ],
    [
      'an objective whose budget is gone before the slow windows are over',
      [['goal: 99.9', 'goal: 99.9\n    over: 3d']],
      { code: 'budget-gone-first', path: 'objectives.availability.over', message: /the budget of 3d is gone by then/ },
    ],
    [
      'a percentage above 100',
      [['above: 1\n', 'above: 101\n']],
      {
        code: 'never-fires',
        path: 'alarms.error-rate.above',
        message: /^a percentage is from 0 to 100: above 101 is never so$/,
      },
    ],
    [
      'a percentage that is always below',
      [['below: 99', 'below: 101']],
      { code: 'never-fires', path: 'alarms.system-availability.below', message: /is always so$/ },
    ],
    [
      'an alarm each five minutes on what comes once a day',
      [['metric: data-loss\n    atLeast: 1', 'metric: cost\n    atLeast: 1']],
      {
        code: 'slower-than-period',
        path: 'alarms.data-loss.period',
        message: /has one value in 24 hours, and the alarm looks at 5m/,
      },
    ],
    [
      'a metric of a daily report that has no time',
      [['  daily: { on: weekdays, at: "07:30" }\n', '']],
      { code: 'nobody-publishes', path: 'metrics.cost', message: /^nobody publishes Platform\/Cost DailyCost/ },
    ],
    [
      'a sum of what each daily report publishes again',
      [
        [
          'metric: DailyCost\n    unit: None\n    statistic: Maximum',
          'metric: DailyCost\n    unit: None\n    statistic: Sum',
        ],
      ],
      { code: 'summed-twice', path: 'metrics.cost.statistic', message: /publishes the last days of "cost" again/ },
    ],
    [
      'a figure that is such a sum',
      [['metric: cost, over: 1d, shown', 'metric: cost, statistic: Sum, over: 1d, shown']],
      { code: 'summed-twice', path: 'kpis.daily-cost.statistic', message: /Sum counts them all/ },
    ],
    [
      'an http service that no metric is made of',
      [['services: [portal, api]', 'services: [portal]']],
      { code: 'nobody-asks', path: 'services.api', message: /the probe does not ask it/ },
    ],
    [
      'a metric that nobody uses',
      [
        ['  time-to-insight: { what', '  insight: { what'],
        ['metric: time-to-insight, over', 'metric: quality, over'],
      ],
      { code: 'unused-metric', path: 'metrics.time-to-insight', message: /nobody hears of it/ },
    ],
  ])('%s', (_what, edits, { message, ...expected }) => {
    expect(findings(...edits)).toContainEqual({ ...expected, message: expect.stringMatching(message) })
  })
})
