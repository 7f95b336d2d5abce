import { AwsError, type Command } from './client.ts'
import type { Answer } from './exchange.ts'

/* AWS's JSON protocols, 1.0 and 1.1: an operation is named by a header, its input and output are JSON. */

/** An error's class, by its name. */
export type Errors = Record<string, new (...given: ConstructorParameters<typeof AwsError>) => AwsError>

interface Protocol {
  /** What precedes the operation in `x-amz-target`. */
  target: string
  version: '1.0' | '1.1'
  errors?: Errors
  /** Where an input is sent, if not to the service's endpoint. */
  endpointFor?: (input: never) => string | undefined
}

type Input = Record<string, unknown>

/** The commands of a service: a class for each operation, as the SDK has them. */
export function commandsOf({ target, version, errors = {}, endpointFor = () => undefined }: Protocol) {
  return (operation: string) =>
    class implements Command {
      readonly input: Input

      constructor(input: Input) {
        this.input = input
      }

      question(endpoint: string) {
        return {
          url: new URL(endpointFor(this.input as never) ?? endpoint),
          method: 'POST' as const,
          headers: {
            'Content-Type': `application/x-amz-json-${version}`,
            'X-Amz-Target': `${target}.${operation}`,
          },
          body: JSON.stringify(this.input, bytesAsText),
        }
      }

      read(answer: Answer): Input {
        if (answer.status >= 300) throw errorIn(answer, errors)
        return read(answer.text) ?? {}
      }
    }
}

/** The error that an answer in JSON is. */
export function errorIn(answer: Answer, errors: Errors = {}): AwsError {
  const { __type, code, message, Message, ...more } = readOr(answer.text)
  const type = answer.headers['x-amzn-errortype'] ?? __type ?? code
  // `com.amazonaws.dynamodb.v20120810#ThrottlingException`, `InvalidParameter:http://…`
  const name = String(type ?? 'UnknownError')
    .replace(/^.*#/, '')
    .replace(/:.*$/, '')
  const Class = Object.hasOwn(errors, name) ? (errors[name] ?? AwsError) : AwsError
  return new Class(name, String(message ?? Message ?? `${name} (${answer.status})`), answer, more)
}

/** What stands before a service may answer with a page. */
function readOr(text: string): Input {
  try {
    return read(text) ?? {}
  } catch {
    return {}
  }
}

function read(text: string): Input | undefined {
  return text === '' ? undefined : JSON.parse(text, textAsBytes)
}

/** DynamoDB's binary values are base64: `{ "B": "…" }`. */
function bytesAsText(this: unknown, key: string, value: unknown): unknown {
  // Here `value` is what a Buffer makes of itself.
  const given = (this as Input)[key]
  return given instanceof Uint8Array
    ? Buffer.from(given.buffer, given.byteOffset, given.length).toString('base64')
    : value
}

function textAsBytes(key: string, value: unknown): unknown {
  return key === 'B' && typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value
}
