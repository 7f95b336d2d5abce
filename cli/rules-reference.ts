import { editorSchemas, type JsonSchema } from '../shared/config/json-schema.ts'
import type * as words from '../shared/config/words.ts'

/** What the schema does not hold of a key: a value as YAML, and what holds in its absence. */
interface Shown {
  example: string
  byDefault?: string
}

/** Each key of a part of the rules has its example: one that is missing is a type error. */
type ShownOf<Words> = Record<keyof Words, Shown>

/** A part of the rules, as a table of its keys. */
export interface Section {
  title: string
  about: string
  schema: JsonSchema
  shown: Record<string, Shown>
}

const WINDOWS: Shown = { example: '[nights, weekends]', byDefault: 'at any time' }
const MUTE: Shown = { example: '{ from: "22:00", to: "06:00" }', byDefault: 'never' }
const TIMES = { active: WINDOWS, mute: MUTE }

const shared = {
  channels: { example: '{ slack-orders: { type: slack, secret: slack-orders } }' },
  windows: { example: '{ nights: { from: "22:00", to: "06:00" } }', byDefault: 'none' },
  maintenance: { example: '[{ name: patch day, window: patch-day }]', byDefault: 'none' },
  sets: { example: '{ production: ["111122223333"] }', byDefault: 'none' },
  rules: { example: '[{ name: disk, when: { metric: DiskUsed }, severity: warning }]' },
}

const CONFIG: ShownOf<typeof words.CONFIG> = {
  ...shared,
  severities: { example: '{ critical: { channels: [pd] }, warning: { channels: [ops] }, info: { channels: [ops] } }' },
  timezone: { example: 'Europe/Berlin', byDefault: '`UTC`' },
  nonProduction: { example: '{ highest: warning, when: { tags.env: [dev, staging] } }', byDefault: 'nothing is' },
  default: { example: '{ severity: warning }' },
}

const TEAM: ShownOf<typeof words.TEAM> = {
  ...shared,
  channels: { ...shared.channels, byDefault: 'none' },
  scope: { example: '{ tags.team: orders }' },
}

const RULE: ShownOf<typeof words.RULE> = {
  ...TIMES,
  name: { example: 'data loss' },
  when: { example: '{ metric: [Errors, Faults], account: $production }' },
  severity: { example: '"{tags.severity}"', byDefault: "only with `continue`: as it was, or later rules'" },
  otherwise: { example: 'warning', byDefault: 'required where `severity` names a field' },
  channels: { example: '{ add: [slack-orders] }', byDefault: "the severity's" },
  groupBy: { example: '[dimensions.FunctionName]', byDefault: "the channel's" },
  runbook: { example: 'https://wiki.example.com/runbooks/orders', byDefault: 'none' },
  labels: { example: '{ owner: orders }', byDefault: 'none' },
  title: { example: '"Checkout is {{status}}"', byDefault: "the channel's" },
  text: { example: '"Ask {{labels.owner}}."', byDefault: "the channel's" },
  continue: { example: 'true', byDefault: '`false`' },
}

const CHANNEL: ShownOf<typeof words.CHANNEL> = {
  ...TIMES,
  type: { example: 'slack' },
  secret: { example: 'slack-critical' },
  region: { example: 'eu' },
  addresses: { example: '[oncall@example.com]' },
  formerly: { example: '[slack-ops]', byDefault: 'none' },
  groupBy: { example: '[account, namespace]', byDefault: 'severity alone' },
  perMinute: { example: '30', byDefault: "the type's rate" },
  fallback: { example: 'email', byDefault: 'none' },
  patience: { example: '5m', byDefault: '`10m`' },
  title: { example: '"{{severity}}: {{name}} in {{account}}"', byDefault: "the router's words" },
  text: { example: '"Team {{tags.team}}"', byDefault: 'none' },
}

const SEVERITY: ShownOf<typeof words.SEVERITY> = { ...TIMES, channels: { example: '[pagerduty, slack-critical]' } }

const DEFAULT: ShownOf<typeof words.DEFAULT> = {
  severity: { example: 'warning' },
  channels: { example: '[slack-warning]', byDefault: "the severity's" },
}

const NON_PRODUCTION: ShownOf<typeof words.NON_PRODUCTION> = {
  when: { example: '{ account: ["444455556666"] }' },
  highest: { example: 'warning' },
}

const WINDOW: ShownOf<typeof words.WINDOW> = {
  on: { example: 'monday to thursday', byDefault: 'every day' },
  from: { example: '"09:00"', byDefault: '`00:00`' },
  to: { example: '"17:30"', byDefault: 'the end of the day' },
  for: { example: '4h', byDefault: 'until `to`' },
  timezone: { example: 'Europe/Berlin', byDefault: "the config's" },
}

const MAINTENANCE: ShownOf<typeof words.MAINTENANCE> = {
  name: { example: 'monthly maintenance' },
  window: { example: 'patch-day' },
  covers: { example: '{ tags.environment: prod }', byDefault: 'everything' },
}

const CONDITION: ShownOf<typeof words.CONDITION> = {
  all: { example: '[{ tags.team: orders }, { not: { region: us-east-1 } }]' },
  any: { example: '[{ metric: Errors }, { name: "*errors*" }]' },
  not: { example: '{ tags.tier: scratch }' },
  account: { example: '["111122223333"]' },
  alarmRule: { example: '"*orders-errors*"' },
  children: { example: '"orders-*"' },
  declaredSeverity: { example: '[critical, sev1]' },
  description: { example: '"/data.?loss/i"' },
  expression: { example: '"/error/i"' },
  fingerprint: { example: '"arn:aws:cloudwatch:*:alarm:orders-*"' },
  kind: { example: '"*-alarm"' },
  metric: { example: '[Errors, 5XXError]' },
  name: { example: '"orders-*"' },
  namespace: { example: 'AWS/Lambda' },
  previousStatus: { example: 'insufficient-data' },
  reason: { example: '"/no datapoints/i"' },
  region: { example: '{ not: "us-*" }' },
  resource: { example: '"orders-api*"' },
  source: { example: 'aws.guardduty' },
  status: { example: 'firing' },
  title: { example: '"/deploy.*failed/i"' },
  firingFor: { example: '"> 10m"' },
}

const THRESHOLD: ShownOf<typeof words.THRESHOLD> = {
  operator: { example: '">="' },
  value: { example: '">= 99"' },
  unit: { example: 'Percent' },
  statistic: { example: 'p99' },
  periodSeconds: { example: '">= 5m"' },
  evaluationPeriods: { example: '">= 3"' },
  datapointsToAlarm: { example: '2' },
  missingData: { example: 'breaching' },
  observed: { example: '">= 95"' },
}

const LINKS: ShownOf<typeof words.LINKS> = {
  console: { example: '"*"' },
  logs: { example: '"*"' },
  runbook: { example: '{ not: "*" }' },
  dashboard: { example: '"*"' },
}

/** Each part of the rules, with its schema as editors know it. */
export function sections(): Section[] {
  const { 'schemas/alerts.schema.json': config, 'schemas/team.schema.json': team } = editorSchemas()
  if (!config || !team) throw new Error('there are no schemas')
  const { channel, rule, window, maintenance, condition } = config.definitions as Record<string, JsonSchema>
  const { severities, nonProduction, default: byDefault } = config.properties as Record<string, JsonSchema>
  const severity = severities?.properties?.critical as JsonSchema | undefined
  return [
    section('alerts.yml', 'What stands at the top of `config/alerts.yml`.', config, CONFIG),
    section('A team’s file', 'What stands at the top of any other `config/*.yml` ([teams](teams.md)).', team, TEAM),
    section('Rule', 'An entry of `rules` ([how to](rules.md)).', rule, RULE),
    section('When', WHEN, condition, { ...CONDITION, ...named('threshold', THRESHOLD), ...named('links', LINKS) }),
    ...channelSections((channel?.oneOf ?? []) as JsonSchema[]),
    section('Severity', 'Each of `critical`, `warning` and `info` in `severities`.', severity, SEVERITY),
    section('Default', 'What `default` takes.', byDefault, DEFAULT),
    section(
      'Non-production',
      'What `nonProduction` takes ([how to](rules.md#non-production)).',
      nonProduction,
      NON_PRODUCTION,
    ),
    section('Window', 'An entry of `windows`, or a window in place ([time](time.md)).', window, WINDOW),
    section('Maintenance', 'An entry of `maintenance`.', maintenance, MAINTENANCE),
  ]
}

/** What every type takes, and then what each takes beside it. */
function channelSections(types: JsonSchema[]): Section[] {
  const keysOf = ({ properties = {} }: JsonSchema) => Object.keys(properties)
  const isShared = (key: string) => key !== 'type' && types.every((type) => keysOf(type).includes(key))
  const only = (type: JsonSchema, wanted: (key: string) => boolean): JsonSchema => ({
    ...type,
    properties: Object.fromEntries(Object.entries(type.properties ?? {}).filter(([key]) => wanted(key))),
  })
  const [any] = types
  return [
    section('Channel', 'An entry of `channels`, of any type.', any && only(any, isShared), CHANNEL),
    ...types.map((type) => {
      const name = String((type.properties?.type as JsonSchema | undefined)?.const)
      const about = `What a channel with \`type: ${name}\` takes beside that ([setup](channels/${name}.md)).`
      const shown = { ...CHANNEL, type: { example: name } }
      return section(
        `Channel: ${name}`,
        about,
        only(type, (key) => !isShared(key)),
        shown,
      )
    }),
  ]
}

const WHEN = [
  'Fields of an alert and what they must match: a value, a list (any of), a glob `"orders-*"`, a regex `"/error.?rate/i"`, a',
  'comparison `">= 99"`, a set `$production`, or `{ not: … }`. Any `tags.…`, `dimensions.…` and `details.…` may be named, too.',
].join('\n')

function section(title: string, about: string, schema: JsonSchema | undefined, shown: Record<string, Shown>): Section {
  if (!schema) throw new Error(`the schema has no ${title}`)
  return { title, about, schema, shown }
}

function named(group: string, shown: Record<string, Shown>): Record<string, Shown> {
  return Object.fromEntries(Object.entries(shown).map(([label, one]) => [`${group}.${label}`, one]))
}

/** docs/rules-reference.md, made of the schemas and of the words that editors show. */
export function rulesReference(): string {
  return `${[
    '<!-- Written by "npx alert-router reference" from schemas/ and shared/config/words.ts. -->',
    '# Rules reference',
    'Every key of the rules, with its type, what holds without it, and an example. How to write rules: [rules](rules.md).',
    ...sections().map(textOf),
  ].join('\n\n')}\n`
}

function textOf({ title, about, schema, shown }: Section): string {
  const rows = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).map(([key, property]) => {
    const { example, byDefault } = shown[key] as Shown
    const words = String(property.markdownDescription ?? property.description)
    return [code(key), typeOf(property), absenceOf(key, schema, property, byDefault), code(`${key}: ${example}`), words]
  })
  const table = [['key', 'type', 'without it', 'example', ''], ['---', '---', '---', '---', '---'], ...rows]
  const isWhen = title === 'When'
  // A condition has no defaults: what it does not name may be anything.
  const lines = table.map((row) => `| ${(isWhen ? row.toSpliced(2, 1) : row).map(escaped).join(' | ')} |`)
  return `## ${title}\n\n${about}\n\n${lines.join('\n')}`
}

function absenceOf(key: string, { required = [] }: JsonSchema, property: JsonSchema, byDefault = '–'): string {
  if (property.default !== undefined) return code(String(property.default))
  return required.includes(key) ? '**required**' : byDefault
}

/** Parts that have a section of their own, or need more than their shape to be understood. */
const IN_WORDS: Record<string, string> = {
  channel: 'channel',
  condition: '[condition](#when)',
  maintenance: '[maintenance](#maintenance)',
  pattern: 'pattern',
  rule: '[rule](#rule)',
  when: '[condition](#when), or a list of them',
  whichWindows: 'name, names, or [window](#window)',
  window: '[window](#window)',
}

function typeOf(schema: JsonSchema): string {
  const [named] = [schema, ...((schema.allOf ?? []) as JsonSchema[])].flatMap(({ $ref }) => $ref ?? [])
  if (named !== undefined) return IN_WORDS[named.split('/').at(-1) as string] as string
  if (schema.const !== undefined) return code(String(schema.const))
  if (schema.enum)
    return schema.enum.length > 5 ? `one of ${schema.enum.length} words` : schema.enum.map(String).map(code).join(', ')
  if (schema.anyOf) return [...new Set((schema.anyOf as JsonSchema[]).map(typeOf))].join(', or ')
  if (Array.isArray(schema.type)) return schema.type.map((type) => TYPES[type] ?? type).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items as JsonSchema)}`
  if (schema.type === 'object') return 'mapping'
  if (schema.type === 'integer') return `whole number, ${schema.minimum} to ${schema.maximum}`
  return TYPES[schema.type as string] ?? String(schema.type)
}

const TYPES: Record<string, string> = { string: 'text', boolean: '`true` or `false`' }

function code(text: string): string {
  return `\`${text}\``
}

/** What Markdown would take for the end of a cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}
