import { type Config, LABEL_FIELDS, PLAIN_FIELDS, TEMPLATE_FIELDS } from '../../schemas/config.ts'
import { parseTemplate, type Token } from '../channels/template.ts'
import { allowed } from './allowed.ts'
import type { Problem } from './problem.ts'
import { fieldProblems } from './when-problems.ts'

type Path = Problem['path']

/** Problems in the templates of channels and rules: unclosed or unsupported tags, unknown fields. */
export function templateProblems({ channels, rules }: Config): Problem[] {
  const labels = [...new Set(rules.flatMap((rule) => Object.keys(rule.labels ?? {})))]
  const worded: [Path, { title?: string | undefined; text?: string | undefined }][] = [
    ...Object.entries(channels).map(([name, channel]): [Path, typeof channel] => [['channels', name], channel]),
    ...rules.map((rule, index): [Path, typeof rule] => [['rules', index], rule]),
  ]
  return worded.flatMap(([path, parts]) =>
    (['title', 'text'] as const).flatMap((part) => problemsOf(parts[part] ?? '', [...path, part], labels)),
  )
}

function problemsOf(template: string, path: Path, labels: string[]): Problem[] {
  let tokens: Token[]
  try {
    tokens = parseTemplate(template)
  } catch (error) {
    return [{ code: 'invalid-template', path, message: describeBroken(String(error)) }]
  }
  const messages = all(tokens).flatMap((token) => tokenProblem(token, template, labels) ?? [])
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

function tokenProblem([type, value, start, end]: Token, template: string, labels: string[]): string | undefined {
  const tag = template.slice(start, end)
  switch (type) {
    case 'text':
      return singleBrace(value, labels)
    case 'name':
    case '#':
    case '^':
      return unknownField(value, labels)
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

function unknownField(field: string, labels: string[]): string | undefined {
  if (TEMPLATE_FIELDS.some((known) => known === field)) return undefined
  if (/^labels(\.|$)/.test(field)) {
    const label = field.slice('labels.'.length)
    return labels.includes(label) ? undefined : `no rule sets the label "${label}". ${allowed(label, labels)}`
  }
  const head = field.replace(/\..*/s, '')
  if (LABEL_FIELDS.some((known) => known === head)) return fieldProblems(field, [])[0]?.message
  if (PLAIN_FIELDS.some((known) => known === field)) return undefined
  const own = field.replace(/^alert\./, '')
  if (own !== field && unknownField(own, labels) === undefined) {
    return `found {{${field}}}: write fields as in a rule's \`when\`: {{${own}}}`
  }
  const fields = [...TEMPLATE_FIELDS, 'labels.…', ...PLAIN_FIELDS, ...LABEL_FIELDS.map((known) => `${known}.…`)]
  return `unknown field "${field}". ${allowed(field, fields)}`
}

/** A field with single braces, as in a rule's severity: here it would be shown literally. */
function singleBrace(text: string, labels: string[]): string | undefined {
  const [tag, field] =
    [...text.matchAll(/\{\s*([\w.:-]+)\s*\}/g)].find(([, name = '']) => !unknownField(name, labels)) ?? []
  return tag && `found "${tag}": fields of a template have two braces: {{${field}}}`
}
