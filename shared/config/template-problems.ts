import { type Config, LABEL_FIELDS, PLAIN_FIELDS, TEMPLATE_FIELDS } from '../../schemas/config.ts'
import { parseTemplate, type Token } from '../channels/template.ts'
import { allowed } from './allowed.ts'
import type { Problem } from './problem.ts'
import { settersOf } from './value-scope.ts'
import { fieldProblems } from './when-problems.ts'

type Path = Problem['path']

/** What rules set, by what a template calls it. */
interface SetByRules {
  labels: string[]
  values: string[]
}

/** Problems in the templates of channels and rules: unclosed or unsupported tags, unknown fields. */
export function templateProblems(config: Config): Problem[] {
  const { channels, rules } = config
  const labels = [...new Set(rules.flatMap((rule) => Object.keys(rule.labels ?? {})))]
  const set = { labels, values: [...settersOf(config).keys()] }
  const worded: [Path, { title?: string | undefined; text?: string | undefined }][] = [
    ...Object.entries(channels).map(([name, channel]): [Path, typeof channel] => [['channels', name], channel]),
    ...rules.map((rule, index): [Path, typeof rule] => [['rules', index], rule]),
  ]
  return worded.flatMap(([path, parts]) =>
    (['title', 'text'] as const).flatMap((part) => problemsOf(parts[part] ?? '', [...path, part], set)),
  )
}

function problemsOf(template: string, path: Path, set: SetByRules): Problem[] {
  let tokens: Token[]
  try {
    tokens = parseTemplate(template)
  } catch (error) {
    return [{ code: 'invalid-template', path, message: describeBroken(String(error)) }]
  }
  const messages = all(tokens).flatMap((token) => tokenProblem(token, template, set) ?? [])
  return [...new Set(messages)].map((message) => ({ code: 'invalid-template', path, message }))
}

function all(tokens: Token[]): Token[] {
  return tokens.flatMap((token) => {
    const [type, , , , inner = []] = token
    return type === '#' || type === '^' ? [token, ...all(inner)] : [token]
  })
}

/** Mustache's own message has the problem and the name; the place is in its own form. */
function describeBroken(error: string): string {
  const [, what, name] = /(Unclosed|Unopened) section "(.*)" at/s.exec(error) ?? []
  if (what === 'Unclosed') return `{{#${name}}} is not closed: add {{/${name}}}, with the same name, where it ends`
  if (what === 'Unopened')
    return `{{/${name}}} closes a section that was not opened: put {{#${name}}} before it, or remove it`
  if (/Invalid tags/.test(error)) return DELIMITERS
  return 'a {{ has no }}: write a field as {{name}}'
}

const DELIMITERS = 'the delimiters can\'t be changed ("{{=…=}}"). Remove it'

function tokenProblem([type, value, start, end]: Token, template: string, set: SetByRules): string | undefined {
  const tag = template.slice(start, end)
  switch (type) {
    case 'text':
      return singleBrace(value, set)
    case 'name':
    case '#':
    case '^':
      return unknownField(value, set)
    case '&':
      return `found "${tag}": unescaped tags are not supported, and not needed: channels show values unchanged. Write {{${value}}}`
    case '>':
      return `found "${tag}": a template can't include another. Write its text here`
    case '=':
      return DELIMITERS
    default:
      return undefined
  }
}

function unknownField(field: string, set: SetByRules): string | undefined {
  if (TEMPLATE_FIELDS.some((known) => known === field)) return undefined
  const [, of, name = ''] = /^(labels|values)(?:\.(.*))?$/s.exec(field) ?? []
  if (of === 'labels' || of === 'values') {
    return set[of].includes(name)
      ? undefined
      : `no rule sets the ${of.slice(0, -1)} "${name}". ${allowed(name, set[of])}`
  }
  const head = field.replace(/\..*/s, '')
  if (LABEL_FIELDS.some((known) => known === head)) return fieldProblems(field, [])[0]?.message
  if (PLAIN_FIELDS.some((known) => known === field)) return undefined
  const own = field.replace(/^alert\./, '')
  if (own !== field && unknownField(own, set) === undefined) {
    return `found {{${field}}}: write fields as in a rule's \`when\`: {{${own}}}`
  }
  const values = set.values.length > 0 ? ['values.…'] : []
  const fields = [
    ...TEMPLATE_FIELDS,
    'labels.…',
    ...values,
    ...PLAIN_FIELDS,
    ...LABEL_FIELDS.map((known) => `${known}.…`),
  ]
  return `unknown field "${field}". ${allowed(field, fields)}`
}

/** A field with single braces, as in a rule's severity: here it would be shown literally. */
function singleBrace(text: string, set: SetByRules): string | undefined {
  const [tag, field] =
    [...text.matchAll(/\{\s*([\w.:-]+)\s*\}/g)].find(([, name = '']) => !unknownField(name, set)) ?? []
  return tag && `found "${tag}": fields of a template have two braces: {{${field}}}`
}
