import { editorSchemas, type JsonSchema } from '../shared/config/json-schema.ts'
import { EXAMPLES, type Shown } from '../shared/config/words.ts'

/** A part of the rules, as a table of its keys. */
export interface Section {
  title: string
  about: string
  schema: JsonSchema
  shown: Record<string, Shown>
}

/** Each part of the rules, with its schema as editors know it. */
export function sections(): Section[] {
  const { 'schemas/alerts.schema.json': config, 'schemas/team.schema.json': team } = editorSchemas()
  if (!config || !team) throw new Error('there are no schemas')
  const { channel, rule, window, maintenance, condition } = config.definitions as Record<string, JsonSchema>
  const { severities, nonProduction, default: byDefault } = config.properties as Record<string, JsonSchema>
  const severity = severities?.properties?.critical as JsonSchema | undefined
  return [
    section('alerts.yml', 'What stands at the top of `config/alerts.yml`.', config, EXAMPLES.CONFIG),
    section(
      'A team’s file',
      'What stands at the top of any other `config/*.yml` ([teams](teams.md)).',
      team,
      EXAMPLES.TEAM,
    ),
    section('Rule', 'An entry of `rules` ([how to](rules.md)).', rule, EXAMPLES.RULE),
    section('When', WHEN, condition, {
      ...EXAMPLES.CONDITION,
      ...named('threshold', EXAMPLES.THRESHOLD),
      ...named('links', EXAMPLES.LINKS),
    }),
    ...channelSections((channel?.oneOf ?? []) as JsonSchema[]),
    section('Severity', 'Each of `critical`, `warning` and `info` in `severities`.', severity, EXAMPLES.SEVERITY),
    section('Default', 'What `default` takes.', byDefault, EXAMPLES.DEFAULT),
    section(
      'Non-production',
      'What `nonProduction` takes ([how to](rules.md#non-production)).',
      nonProduction,
      EXAMPLES.NON_PRODUCTION,
    ),
    section('Window', 'An entry of `windows`, or a window in place ([time](time.md)).', window, EXAMPLES.WINDOW),
    section('Maintenance', 'An entry of `maintenance`.', maintenance, EXAMPLES.MAINTENANCE),
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
    section('Channel', 'An entry of `channels`, of any type.', any && only(any, isShared), EXAMPLES.CHANNEL),
    ...types.map((type) => {
      const name = String((type.properties?.type as JsonSchema | undefined)?.const)
      const about = `What a channel with \`type: ${name}\` takes beside that ([setup](channels/${name}.md)).`
      const shown = { ...EXAMPLES.CHANNEL, type: { example: name } }
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
