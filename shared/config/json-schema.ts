import * as z from 'zod'
import { KINDS, STATUSES } from '../../schemas/alert.ts'
import { caseSchema } from '../../schemas/case.ts'
import { channelSchema } from '../../schemas/channel.ts'
import {
  conditionSchema,
  configSchema,
  inhibitionSchema,
  maintenanceSchema,
  patternSchema,
  ruleSchema,
  whenSchema,
} from '../../schemas/config.ts'
import { platformSchema, REPORTS } from '../../schemas/platform.ts'
import { teamSchema } from '../../schemas/team.ts'
import { whichWindowsSchema, windowSchema } from '../../schemas/windows.ts'
import * as ofCases from './case-words.ts'
import * as ofPlatform from './platform-words.ts'
import * as words from './words.ts'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** Definitions of the JSON Schema: used more than once, so they have names. */
const NAMED = {
  channel: channelSchema,
  condition: conditionSchema,
  inhibition: inhibitionSchema,
  maintenance: maintenanceSchema,
  pattern: patternSchema,
  rule: ruleSchema,
  when: whenSchema,
  whichWindows: whichWindowsSchema,
  window: windowSchema,
}

/**
 * The JSON Schema of a text or a file of the config: zod's checks, and the fields allowed in a `when`. Only
 * `checkConfig` checks beyond the shape: undefined names, invalid patterns.
 */
export function jsonSchemaOf(schema: z.ZodType, target: 'draft-4' | 'draft-7' = 'draft-7'): JsonSchema {
  const metadata = z.registry<{ id: string }>()
  for (const [id, named] of Object.entries(NAMED)) metadata.add(named, { id })
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    target,
    metadata,
    ...(target === 'draft-7' && { override: keepMessage }),
  }) as JsonSchema
  const { condition } = (json.definitions ?? {}) as Record<string, JsonSchema>
  if (condition) closeFields(condition)
  return json
}

/** The message that editors show for a text that does not match its pattern; else they show the pattern. */
function keepMessage({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: JsonSchema }): void {
  const { checks = [] } = zodSchema._zod.def
  const [error] = checks.flatMap(({ _zod: { def } }) => ('pattern' in def && def.error ? [def.error] : []))
  const message = (error as z.core.$ZodErrorMap | undefined)?.({ code: 'invalid_format', format: 'regex', input: '' })
  if (typeof message === 'string') jsonSchema.patternErrorMessage = message
}

/**
 * For editors, by file: of `config/alerts.yml`, a team's file, `config/platform.yml`, and `config/tests/`. Each key has a
 * description.
 */
export function editorSchemas(): Record<string, JsonSchema> {
  return {
    'schemas/alerts.schema.json': withWords(jsonSchemaOf(configSchema), words.CONFIG),
    'schemas/team.schema.json': withWords(jsonSchemaOf(teamSchema), words.TEAM),
    'schemas/platform.schema.json': withPlatformWords(jsonSchemaOf(platformSchema)),
    'schemas/cases.schema.json': withCaseWords(jsonSchemaOf(z.array(caseSchema))),
  }
}

const CLOSED_FIELDS: Record<string, readonly string[]> = { kind: KINDS, status: STATUSES, previousStatus: STATUSES }

/** zod accepts any field, because a check can suggest what was meant. */
function closeFields(condition: JsonSchema): void {
  const pattern = { $ref: '#/definitions/pattern' }
  const closed = [
    ...Object.keys(words.THRESHOLD).map((label) => `threshold.${label}`),
    ...Object.keys(words.LINKS).map((label) => `links.${label}`),
  ]
  condition.properties = Object.fromEntries([
    ...Object.keys(words.CONDITION).map((field) => [field, condition.properties?.[field] ?? fieldOf(field, pattern)]),
    ...closed.map((field) => [field, pattern]),
  ])
  condition.patternProperties = { [`^(${[...Object.keys(words.LABELS), 'values'].join('|')})\\..+$`]: pattern }
  condition.additionalProperties = false
  condition.minProperties = 1
}

function fieldOf(field: string, pattern: JsonSchema): JsonSchema {
  const values = CLOSED_FIELDS[field]
  return values ? { anyOf: [{ type: 'string', enum: [...values] }, pattern] } : pattern
}

function withWords(json: JsonSchema, ofKeys: Record<string, string>): JsonSchema {
  const definitions = (json.definitions ?? {}) as Record<string, JsonSchema>
  const { condition, inhibition, maintenance, rule, channel, window } = definitions
  const { severities, nonProduction, default: byDefault } = (json.properties ?? {}) as Record<string, JsonSchema>
  describe(json, ofKeys)
  describe(rule, words.RULE)
  describe(maintenance, words.MAINTENANCE)
  describe(inhibition, words.INHIBITION)
  describe(window, words.WINDOW)
  describeForms(channel, 'type', words.CHANNEL)
  describe(severities, words.SEVERITIES_IN_WORDS)
  for (const severity of Object.values(severities?.properties ?? {})) describe(severity as JsonSchema, words.SEVERITY)
  describe(nonProduction, words.NON_PRODUCTION)
  describe(byDefault, words.DEFAULT)
  describe(condition, {
    ...words.CONDITION,
    ...prefixed('threshold', words.THRESHOLD),
    ...prefixed('links', words.LINKS),
  })
  return json
}

function withPlatformWords(json: JsonSchema): JsonSchema {
  const parts = json.properties as Record<string, JsonSchema>
  const entryOf = (part: string) => parts[part]?.additionalProperties as JsonSchema | undefined
  const { from } = (entryOf('metrics')?.properties ?? {}) as Record<string, JsonSchema>
  describeForms(entryOf('services'), 'type', ofPlatform.SERVICE)
  describeForms(from, 'by', ofPlatform.PUBLISHER)
  describe(entryOf('metrics'), ofPlatform.OWN_METRIC)
  for (const measured of [entryOf('objectives'), entryOf('alarms')]) {
    describe(measured?.properties?.ratio as JsonSchema | undefined, ofPlatform.RATIO)
  }
  describe(entryOf('objectives'), ofPlatform.OBJECTIVE)
  describe(entryOf('kpis'), ofPlatform.KPI)
  describe(entryOf('alarms'), ofPlatform.ALARM)
  describe(parts.logs, ofPlatform.LOGS)
  describe(parts.cost, ofPlatform.COST)
  describe(entryOf('backups'), ofPlatform.BACKUP)
  describe(parts.certificates, ofPlatform.CERTIFICATES)
  describe(entryOf('reports'), ofPlatform.REPORT)
  nameReports(parts.reports)
  describe(parts.drills, ofPlatform.DRILLS)
  describe(entryOf('accounts'), ofPlatform.ACCOUNT)
  describe(json, ofPlatform.PLATFORM)
  return json
}

function withCaseWords(json: JsonSchema): JsonSchema {
  const one = json.items as JsonSchema
  const { expect, alert, alerts, story } = (one.properties ?? {}) as Record<string, JsonSchema>
  for (const fields of [alert, alerts?.additionalProperties as JsonSchema | undefined]) loosen(fields)
  describe(expect, ofCases.EXPECTED)
  const line = story?.items as JsonSchema
  const forms = Object.entries({ '^at ': ofCases.LINES.at, '^expect (at|between|before|after) ': ofCases.LINES.expect })
  const { additionalProperties: said } = line
  const patterns = forms.map(([form, description]) => [form, { ...described(description), ...(said as JsonSchema) }])
  line.patternProperties = Object.fromEntries(patterns)
  line.additionalProperties = false
  delete line.propertyNames
  describe(one, ofCases.CASE)
  return json
}

/** A text is read as written, without quotes: an account of digits alone, or a version. */
function loosen(fields: JsonSchema | undefined): void {
  for (const field of Object.values((fields?.properties ?? {}) as Record<string, JsonSchema>)) {
    if (field.type === 'string' && !field.enum) field.type = ['string', 'number', 'boolean'] as never
  }
}

/** What has one of several forms, by the value of a key. */
function describeForms(json: JsonSchema | undefined, key: string, ofKeys: Record<string, string>): void {
  const forms = (json?.oneOf ?? []) as JsonSchema[]
  for (const form of forms) describe(form, ofKeys)
  // Else an editor that sees an unknown one suggests only the first.
  const values = forms.map(({ properties }) => (properties?.[key] as JsonSchema | undefined)?.const)
  if (json) json.properties = { [key]: { enum: values as string[] } }
}

/** Each report as a key of its own, so that editors offer and describe it. */
function nameReports(reports: JsonSchema | undefined): void {
  if (!reports) return
  reports.properties = Object.fromEntries(REPORTS.map((name) => [name, reports.additionalProperties as JsonSchema]))
  describe(reports, ofPlatform.REPORTS_IN_WORDS)
}

function prefixed(group: string, ofLabels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(ofLabels).map(([label, text]) => [`${group}.${label}`, text]))
}

function describe(json: JsonSchema | undefined, ofKeys: Record<string, string>): void {
  for (const [key, property] of Object.entries(json?.properties ?? {}) as [string, JsonSchema][]) {
    const description = ofKeys[key]
    if (description === undefined) throw new Error(`no description of ${key}: add one to words.ts or platform-words.ts`)
    const { $ref, ...rest } = property
    // Validators ignore keys beside a $ref.
    if (json?.properties) {
      json.properties[key] = { ...described(description), ...rest, ...($ref && { allOf: [{ $ref }] }) }
    }
  }
}

/** Backquotes are for editors that render Markdown. */
function described(description: string): JsonSchema {
  const plain = description.replaceAll('`', '')
  return { description: plain, ...(plain !== description && { markdownDescription: description }) } as JsonSchema
}
