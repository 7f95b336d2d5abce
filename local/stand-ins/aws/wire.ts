import { NormalizedSchema } from '@smithy/core/schema'
import type { HttpAnswer, Request } from '../exchange.ts'
import type { Operation } from './operation.ts'
import { Refusal } from './refusal.ts'
import { SERVICES, type Service, type ServiceName } from './services.ts'
import { missingIn, readShape, writeShape } from './shapes.ts'
import { element, escaped, writeXml } from './xml.ts'

const INPUT = 4
const OUTPUT = 5

/** `AWS4-HMAC-SHA256 Credential=KEY/20261127/eu-west-1/monitoring/aws4_request, …` */
export function scopeOf({ headers }: Request): { key: string; region: string; signedAs: string } {
  const [, key = '', region = '', signedAs = ''] =
    /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  return { key, region, signedAs }
}

export function nameOf({ schema }: Operation): string {
  return String(schema[2])
}

/** The operation that a request asks for: by its target, or by its method and path at the service for which it is signed. */
export function operationOf(operations: Operation[], request: Request): Operation | undefined {
  const target = request.headers['x-amz-target']
  if (typeof target === 'string') {
    return operations.find((one) => target === `${(SERVICES[one.service] as Service).target}.${nameOf(one)}`)
  }
  const { signedAs } = scopeOf(request)
  const action = formOf(request).get('Action')
  return operations.find((one) => {
    const service = SERVICES[one.service]
    if (service.signedAs !== signedAs) return false
    return service.wire === 'rest' ? labelsOf(one, request) !== undefined : nameOf(one) === action
  })
}

/** The body of the Query protocol. */
function formOf({ headers, bytes }: Request): URLSearchParams {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  return new URLSearchParams(isForm ? bytes.toString() : '')
}

/** What a path holds in place of `{Labels}`; nothing for another path or method. */
function labelsOf({ schema }: Operation, request: Request): Record<string, string> | undefined {
  const [method, template] = httpOf(schema)
  if (method !== request.method || template === undefined) return undefined
  const path = (request.path.split('?')[0] ?? '').replace(/\/$/, '').split('/')
  const pattern = (template.split('?')[0] ?? '').replace(/\/$/, '').split('/')
  if (path.length !== pattern.length) return undefined
  const labels: Record<string, string> = {}
  for (const [at, part] of pattern.entries()) {
    const given = decodeURIComponent(path[at] ?? '')
    if (part.startsWith('{')) labels[part.slice(1, -1)] = given
    else if (part !== given) return undefined
  }
  return labels
}

/** The method and the path of an operation in REST. */
function httpOf(schema: Operation['schema']): [method?: string, template?: string] {
  const traits = schema[3]
  return typeof traits === 'object' && traits.http ? [traits.http[0], traits.http[1]] : []
}

/** The input of a request, by the operation's model. @throws {Refusal} for what the model does not allow. */
export function readInput(operation: Operation, request: Request): object {
  const input = INPUTS[SERVICES[operation.service].wire](operation, request)
  const { invalid } = SERVICES[operation.service]
  const missing = missingIn(operation.schema[INPUT], input)
  if (missing.length > 0) {
    const errors = missing.map((at) => `Value null at '${at}' failed to satisfy constraint: Member must not be null`)
    throw new Refusal(invalid, `${counted(missing.length)} detected: ${errors.join('; ')}`)
  }
  for (const [name, [least, most]] of Object.entries(operation.bounds)) {
    const value = (input as Record<string, unknown>)[name]
    if (typeof value !== 'number' || (value >= least && value <= most)) continue
    const bound = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`
    const rule = `failed to satisfy constraint: Member must have value ${bound}`
    throw new Refusal(invalid, `1 validation error detected: Value '${value}' at '${name}' ${rule}`)
  }
  return input
}

function counted(errors: number): string {
  return `${errors} validation error${errors === 1 ? '' : 's'}`
}

const INPUTS: Record<Service['wire'], (operation: Operation, request: Request) => object> = {
  'json-1.0': readJson,
  'json-1.1': readJson,
  'query-compatible': readJson,
  rest: readRest,
  query: readForm,
}

/** Its plain members: those of what is asked here have no others. */
function readForm({ schema }: Operation, request: Request): object {
  const form = formOf(request)
  const members = [...NormalizedSchema.of(schema[INPUT]).structIterator()].flatMap(([name, member]) => {
    const read = readShape(member, ofText(member, form.get(name)))
    return read === undefined ? [] : [[name, read]]
  })
  return Object.fromEntries(members)
}

function readJson({ schema }: Operation, request: Request): object {
  return readShape(schema[INPUT], request.json ?? {}) as object
}

function readRest(operation: Operation, request: Request): object {
  const labels = labelsOf(operation, request)
  const query = new URL(request.path, 'http://stand-in').searchParams
  const body = (request.json ?? {}) as Record<string, unknown>
  const members = [...NormalizedSchema.of(operation.schema[INPUT]).structIterator()].flatMap(([name, member]) => {
    const { httpQuery, httpLabel, jsonName } = member.getMergedTraits()
    const given = httpLabel ? labels?.[name] : httpQuery ? ofText(member, query.get(httpQuery)) : body[jsonName ?? name]
    const read = readShape(member, given)
    return read === undefined ? [] : [[name, read]]
  })
  return Object.fromEntries(members)
}

/** Of a query: text, whatever the type. */
function ofText(member: NormalizedSchema, text: string | null): unknown {
  if (text === null) return undefined
  if (member.isNumericSchema()) return Number(text)
  return member.isBooleanSchema() ? text === 'true' : text
}

/** A result on the wire. */
export function written(operation: Operation, output: object): HttpAnswer {
  const { service, schema } = operation
  const headers = headersOf(service)
  if (SERVICES[service].wire !== 'query') {
    return { status: 200, headers, body: writeShape(schema[OUTPUT], output) as object }
  }
  const name = nameOf(operation)
  return { status: 200, headers, body: element(`${name}Response`, writeXml(schema[OUTPUT], output, `${name}Result`)) }
}

/** A refusal on the wire. */
export function refused(service: ServiceName, refusal: Refusal): HttpAnswer {
  const { code, status } = refusal
  const { wire } = SERVICES[service]
  return {
    status,
    headers: {
      ...headersOf(service),
      ...(wire === 'rest' ? { 'x-amzn-errortype': code } : {}),
      ...(wire === 'query-compatible' ? { 'x-amzn-query-error': `${code};${faultOf(status)}` } : {}),
    },
    body: refusalBody(wire, refusal),
  }
}

function faultOf(status: number): string {
  return status >= 500 ? 'Receiver' : 'Sender'
}

function refusalBody(wire: Service['wire'], { code, message, status, fields }: Refusal): object | string {
  if (wire === 'rest') return { message, ...fields }
  if (wire !== 'query') return { __type: code, message, ...fields }
  const parts = { Type: faultOf(status), Code: code, Message: message }
  const error = Object.entries(parts).map(([name, text]) => element(name, escaped(text)))
  return element('ErrorResponse', element('Error', error.join('')))
}

const TYPES: Record<Service['wire'], string> = {
  'json-1.0': 'application/x-amz-json-1.0',
  'json-1.1': 'application/x-amz-json-1.1',
  'query-compatible': 'application/x-amz-json-1.0',
  rest: 'application/json',
  query: 'text/xml',
}

function headersOf(service: ServiceName): Record<string, string> {
  return { 'content-type': TYPES[SERVICES[service].wire], 'x-amzn-requestid': crypto.randomUUID() }
}
