import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { dashboard } from '../deploy/dashboard.ts'
import { emailTopics } from '../deploy/email-topics.ts'
import { FOLLOW_AN_ALERT, NOT_SENT } from '../deploy/saved-query.ts'
import { readConfig } from '../shared/config/read.ts'
import { METRICS } from '../shared/observe/metrics.ts'
import { all, type Check, differs, isHeld, isOnMore, type Json, type Template, target } from './stack.ts'

const config = readConfig('config')

/** As CloudFormation fills it in. */
function dashboardBody(t: Template): string {
  const [body = ''] = all(t, 'AWS::CloudWatch::Dashboard').map(([, d]) => d.DashboardBody['Fn::Sub'])
  return body.replaceAll(`\${AWS::Region}`, 'eu-central-1')
}

function changeBody(resources: Record<string, Json>, change: (body: string) => string): void {
  const { DashboardBody } = resources.Dashboard.Properties
  DashboardBody['Fn::Sub'] = change(DashboardBody['Fn::Sub'])
}

/** Every line of every graph: [namespace, metric, dimension, value], the last two where it has one. */
function lines(t: Template): (string | undefined)[][] {
  const { widgets } = JSON.parse(dashboardBody(t)) as { widgets: { properties: { metrics: Json[][] } }[] }
  return widgets.flatMap(({ properties }) =>
    properties.metrics.map((line) => line.filter((part) => typeof part === 'string')),
  )
}

/** The part of "Dashboard body structure and syntax" (CloudWatch API Reference) that we use, and nothing else. */
const stat = z.union([
  z.enum(['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount']),
  z.string().regex(/^p(100|\d{1,2}(\.\d{1,10})?)$/),
])

const period = z.union([z.literal([1, 5, 10, 30]), z.int().positive().multipleOf(60)])

const axis = z.strictObject({
  label: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  showUnits: z.boolean().optional(),
})

const lineOptions = z.strictObject({
  label: z.string().optional(),
  stat: stat.optional(),
  yAxis: z.enum(['left', 'right']).optional(),
})

/** Namespace, metric, dimensions by name and value in turn (30 at most), and at the end options. */
const line = z
  .tuple([z.string().regex(/^[A-Za-z0-9._/#:-]{1,255}$/), z.string().min(1).max(255)])
  .rest(z.union([z.string().min(1), lineOptions]))
  .refine((parts) => parts.findIndex((part) => typeof part === 'object') === parts.length - 1, 'options come last')
  .refine((parts) => parts.length % 2 === 1 && parts.length <= 2 + 60 + 1, 'a dimension has a name and a value')

const widget = z.strictObject({
  type: z.literal('metric'),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1_000),
  properties: z.strictObject({
    title: z.string().min(1),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
    view: z.enum(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table']),
    stat,
    period,
    yAxis: z.strictObject({ left: axis.optional(), right: axis.optional() }),
    metrics: z.array(line).min(1).max(500),
  }),
})

type Widget = z.infer<typeof widget>

const dashboardSchema = z.strictObject({ widgets: z.array(widget).min(1).max(500) })

function overlap(a: Widget, b: Widget): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/** Used where the stack has drills, an inbox, or a second region: template-drills, template-inbox and template-pair.test.ts. */
const ELSEWHERE = ['DrillsMissed', 'Answered Via', 'AnswersRefused Reason', 'OtherSilentMs', 'TookOver']

describe.each<Check>([
  {
    name: 'the dashboard and the alarms name only metrics that the code emits, where it emits them',
    problems: (t) => {
      const emitted = Object.entries(METRICS).flatMap(([name, sets]) =>
        sets.map((dimensions) => [name, ...dimensions].join(' ')),
      )
      const namespaces = all(t, 'AWS::Lambda::Function').map(([, f]) => f.Environment.Variables.METRICS_NAMESPACE)
      const graphs = lines(t).filter(([namespace]) => !namespace?.startsWith('AWS/'))
      const alarms = all(t, 'AWS::CloudWatch::Alarm').filter(
        ([id, a]) => !isOnMore(id) && !a.Namespace.startsWith('AWS/'),
      )
      const named = [
        ...graphs.map(([, metric, dimension]) => [metric, dimension].filter(Boolean).join(' ')),
        ...alarms.map(([, a]) => [a.MetricName, ...a.Dimensions.map((d: Json) => d.Name)].join(' ')),
      ]
      return [
        ...differs(
          'namespaces',
          [
            ...new Set([
              ...namespaces,
              ...graphs.map(([namespace]) => namespace),
              ...alarms.map(([, a]) => a.Namespace),
            ]),
          ],
          ['alert-router/prod'],
        ),
        ...named.filter((metric) => !emitted.includes(metric)).map((metric) => `${metric}: nothing emits it`),
        // An unused metric only costs.
        ...emitted
          .filter((metric) => !named.includes(metric) && !ELSEWHERE.includes(metric))
          .map((metric) => `${metric}: is neither shown nor watched`),
      ]
    },
    notices: [
      (r) => {
        r.HeartbeatAlarm.Properties.MetricName = 'Arrived'
      },
      (r) => {
        r.HeartbeatAlarm.Properties.Namespace = 'alert-router'
      },
      (r) => {
        r.RouteLambdaFunction.Properties.Environment.Variables.METRICS_NAMESPACE = undefined
      },
      (r) => changeBody(r, (body) => body.replaceAll('"Retried"', '"Repeated"')),
      (r) => changeBody(r, (body) => body.replaceAll('"Channel"', '"Queue"')),
      (r) => changeBody(r, (body) => body.replaceAll('alert-router/prod', 'alert-router')),
    ],
  },
  {
    name: 'the dashboard shows every channel and queue there is',
    problems: (t) => {
      const seen = (metric: string) => [
        ...new Set(lines(t).flatMap(([, name, , value]) => (name === metric ? [value] : []))),
      ]
      const channels = Object.keys(config.channels)
      // Not that of what follows alerts: nothing waits there.
      const queues = all(t, 'AWS::SQS::Queue').flatMap(([id, q]) => (id === 'EvidenceQueue' ? [] : [q.QueueName]))
      return [
        ...differs('LatencyMs', seen('LatencyMs'), ['heartbeat', ...channels]),
        ...differs(
          'queues',
          [...seen('ApproximateNumberOfMessagesVisible'), ...seen('ApproximateAgeOfOldestMessage')].sort(),
          queues.sort(),
        ),
      ]
    },
    notices: [
      (r) => changeBody(r, (body) => body.replaceAll('"slack-critical"', '"slack-other"')),
      (r) => changeBody(r, (body) => body.replaceAll('alert-router-prod-email', 'alert-router-prod-mail')),
      (r) => changeBody(r, (body) => body.replaceAll('"heartbeat"', '"beat"')),
    ],
  },
  {
    name: 'the dashboard is what CloudWatch documents',
    problems: (t) => {
      const body = dashboardSchema.safeParse(JSON.parse(dashboardBody(t)))
      if (!body.success) return [z.prettifyError(body.error)]
      return body.data.widgets.flatMap((one, index) => [
        ...(one.x + one.width <= 24 ? [] : [`widget ${index} is beyond the 24th column`]),
        ...body.data.widgets.slice(index + 1).flatMap((other) => (overlap(one, other) ? ['widgets overlap'] : [])),
      ])
    },
    notices: [
      (r) => changeBody(r, (body) => body.replace('"metric"', '"graph"')),
      (r) => changeBody(r, (body) => body.replace('"stat":"Sum"', '"stat":"Total"')),
      (r) => changeBody(r, (body) => body.replace('"stat":"p95"', '"stat":"p950"')),
      (r) => changeBody(r, (body) => body.replace('"region"', '"place"')),
      (r) => changeBody(r, (body) => body.replace('"x":8', '"x":7')),
      (r) => changeBody(r, (body) => body.replace('"width":8', '"width":25')),
      (r) => changeBody(r, (body) => body.replace('"period":300', '"period":301')),
      (r) => changeBody(r, (body) => body.replace('"LatencyMs","Channel",', '"LatencyMs",')),
    ],
  },
  {
    name: 'a saved query follows an alert through the logs of all functions that handle it',
    problems: (t) => {
      const handling = all(t, 'AWS::Lambda::Function').filter(([id]) => id !== 'ReconcileLambdaFunction')
      const groups = handling.map(([, f]) => `/aws/lambda/${f.FunctionName}`)
      const queries = all(t, 'AWS::Logs::QueryDefinition').map(([, q]) => [
        q.QueryString,
        q.LogGroupNames.map((group: Json) => t.Resources[target(group)]?.Properties.LogGroupName).sort(),
      ])
      return differs('queries', queries, [
        [FOLLOW_AN_ALERT, groups.sort()],
        [NOT_SENT, groups.sort()],
      ])
    },
    notices: [
      (r) => {
        r.FollowAnAlert.Properties.LogGroupNames.pop()
      },
      (r) => {
        r.FollowAnAlert.Properties.QueryString += '0'
      },
    ],
  },
])('in the stack, $name', isHeld)

test('a config without channels gives no topic and no graph without lines', () => {
  const none = { ...config, channels: {} }
  expect(emailTopics(none)).toEqual({ Resources: {}, Outputs: {} })
  const body = dashboard(none, ['alarms']).Resources.Dashboard?.Properties as Json
  expect(body.DashboardBody['Fn::Sub']).not.toContain('"metrics":[]')
})

test('the query for following an alert that docs/operations.md shows is the one that is deployed', () => {
  const shown = readFileSync('docs/operations.md', 'utf8').match(/^fields @timestamp[^`]*/gm) ?? []
  expect(shown).toHaveLength(1)
  for (const query of shown) expect(query.trim()).toBe(FOLLOW_AN_ALERT)
})
