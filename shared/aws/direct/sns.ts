import { AwsError, Client, type Command, type Options } from './client.ts'
import type { Answer } from './exchange.ts'

/* In place of @aws-sdk/client-sns (client.ts). SNS has no JSON: a form is sent, and XML comes back. */

export class SNSClient extends Client {
  constructor(options: Options) {
    super({ serviceId: 'SNS', name: 'sns', variable: 'SNS' }, options)
  }
}

const LISTS = ['Failed', 'Successful', 'Subscriptions']

type Value = string | Value[] | { [name: string]: Value }

const commandOf = (operation: string) =>
  class implements Command {
    readonly input: Record<string, unknown>

    constructor(input: Record<string, unknown>) {
      this.input = input
    }

    question(endpoint: string) {
      const form = new URLSearchParams({ Action: operation, Version: '2010-03-31' })
      for (const [name, value] of Object.entries(this.input)) fill(form, name, value)
      return {
        url: new URL(endpoint),
        method: 'POST' as const,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
      }
    }

    read(answer: Answer): Record<string, Value> {
      if (answer.status >= 300) throw errorIn(answer)
      const { [`${operation}Result`]: result } = fieldsOf(fieldsOf(readXml(answer.text))[`${operation}Response`])
      const found = fieldsOf(result)
      // What is empty has no element that says what it is.
      for (const list of LISTS) if (found[list] === '') found[list] = []
      if (found.Attributes === '') found.Attributes = {}
      return found
    }
  }

export const GetTopicAttributesCommand = /* @__PURE__ */ commandOf('GetTopicAttributes')
export const ListSubscriptionsByTopicCommand = /* @__PURE__ */ commandOf('ListSubscriptionsByTopic')
export const PublishBatchCommand = /* @__PURE__ */ commandOf('PublishBatch')
export const PublishCommand = /* @__PURE__ */ commandOf('Publish')

export async function* paginateListSubscriptionsByTopic(
  { client }: { client: Client },
  input: Record<string, unknown>,
) {
  let NextToken: Value | undefined
  do {
    const page = await client.send(new ListSubscriptionsByTopicCommand({ ...input, ...(NextToken && { NextToken }) }))
    yield page
    NextToken = page.NextToken
  } while (NextToken)
}

/** A list is `Name.member.1`, a map `Name.entry.1.Name` and `Name.entry.1.Value` (Query API, and SNS's MessageAttributes). */
function fill(form: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null) {
    form.set(name, String(value))
    return
  }
  if (Array.isArray(value)) {
    for (const [n, one] of value.entries()) fill(form, `${name}.member.${n + 1}`, one)
    return
  }
  const isMap = name.endsWith('MessageAttributes')
  for (const [n, [key, one]] of Object.entries(value).entries()) {
    if (isMap) {
      form.set(`${name}.entry.${n + 1}.Name`, key)
      fill(form, `${name}.entry.${n + 1}.Value`, one)
    } else fill(form, `${name}.${key}`, one)
  }
}

function errorIn(answer: Answer): AwsError {
  const { Error: error } = fieldsOf(fieldsOf(readXml(answer.text)).ErrorResponse)
  const { Code, Message } = fieldsOf(error)
  const code = typeof Code === 'string' ? Code : 'UnknownError'
  const message = typeof Message === 'string' ? Message : `${code} (${answer.status})`
  return new AwsError(nameOf(code), message, answer)
}

/** The codes that the SDK names `…Exception`; it leaves others as they are. */
const NAMED = [
  ...['AuthorizationError', 'BatchEntryIdsNotDistinct', 'BatchRequestTooLong', 'EmptyBatchRequest', 'EndpointDisabled'],
  ...['InternalError', 'InvalidBatchEntryId', 'InvalidParameter', 'InvalidSecurity', 'KMSAccessDenied', 'KMSDisabled'],
  ...['KMSInvalidState', 'KMSNotFound', 'KMSOptInRequired', 'KMSThrottling', 'NotFound', 'PlatformApplicationDisabled'],
  ...['Throttled', 'TooManyEntriesInBatchRequest'],
]

function nameOf(code: string): string {
  if (code === 'ParameterValueInvalid') return 'InvalidParameterValueException'
  return NAMED.includes(code) ? `${code}Exception` : code
}

const fieldsOf = (value: Value | undefined): { [name: string]: Value } =>
  typeof value === 'object' && !Array.isArray(value) ? value : {}

/** An element, its closing, or a text. SNS's answers have no other attribute than the namespace. */
const TOKEN = /<(\/?)([\w:.-]+)[^>]*?(\/?)>|([^<]+)/g

/** As an object by the names of its elements. `member`s are a list; `entry`s an object by their keys. Exported for its test. */
export function readXml(text: string): Value {
  const open: { name: string; fields: [string, Value][]; text: string }[] = [{ name: '', fields: [], text: '' }]
  const close = () => {
    const one = open.pop()
    if (one) open.at(-1)?.fields.push([one.name, contentOf(one.fields, one.text)])
  }
  for (const [, isEnd, name, isEmpty, text_] of text.replace(/<\?.*?\?>/s, '').matchAll(TOKEN)) {
    const current = open.at(-1)
    if (text_ !== undefined && current) current.text += text_
    else if (isEnd) close()
    else if (name !== undefined) {
      open.push({ name, fields: [], text: '' })
      if (isEmpty) close()
    }
  }
  return contentOf(open[0]?.fields ?? [], '')
}

function contentOf(fields: [string, Value][], text: string): Value {
  const [first] = fields
  if (first === undefined) return unescaped(text)
  if (first[0] === 'member') return fields.map(([, value]) => value)
  if (first[0] !== 'entry') return Object.fromEntries(fields)
  return Object.fromEntries(
    fields.map(([, entry]) => {
      const { key, value = '' } = fieldsOf(entry)
      return [String(key), value]
    }),
  )
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&(#x?[\da-f]+|\w+);/gi, (all, name: string) => {
    if (name[0] !== '#') return ENTITIES[name] ?? all
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return String.fromCodePoint(code)
  })
}
