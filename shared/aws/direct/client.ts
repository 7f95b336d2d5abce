import aws4 from 'aws4'
import { DelegateBackoff, handleWhen, type RetryPolicy, retry } from 'cockatiel'
import { type Answer, exchange, type Question } from './exchange.ts'
import type { ConfiguredRetryStrategy } from './retry.ts'

/*
 * Stands in for five clients of AWS's SDK in the bundles (deploy/esbuild.ts). The SDK is two thirds of what V8 reads at a
 * cold start of a deliverer, and most of what an alert costs afterwards: a third of a start, and half of the CPU of a warm
 * alert, went into it (docs/decisions/011-aws-without-its-sdk.md). It sends the same requests: each command names its
 * operation, and its input is what the SDK's command takes. It is used on Lambda alone, and so knows Lambda's environment:
 * credentials in variables, which do not change while a process lives.
 */

/** Where a service is, and how it is called. */
export interface Service {
  /** As errors name it. */
  serviceId: string
  /** Its host: `<name>.<region>.amazonaws.com`. */
  name: string
  /** In signatures, if it is not that. */
  signedAs?: string
  /** `AWS_ENDPOINT_URL_<this>` names another endpoint. */
  variable: string
}

/** What the SDK's clients are given in shared/aws. */
export interface Options {
  /** Of a call, the first one included. */
  maxAttempts?: number
  /** Without them, an attempt takes as long as its caller waits: one that is given up may still have its effect, later. */
  requestHandler?: { connectionTimeout?: number; requestTimeout?: number }
  /** Those of Lambda's environment, when absent. */
  credentials?: Credentials
  region?: string
  endpoint?: string
  retryStrategy?: ConfiguredRetryStrategy
}

interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** One operation with its input. */
export interface Command<Output = unknown> {
  /** `endpoint`: the service's. */
  question(endpoint: string): Question
  /** @throws {AwsError} */
  read(answer: Answer): Output
}

/** AWS refused a call, or failed. With what the SDK's errors have. */
export class AwsError extends Error {
  readonly $fault: 'client' | 'server'
  readonly $metadata: { httpStatusCode: number; requestId: string | undefined }

  constructor(name: string, message: string, { status, headers }: Answer, more: object = {}) {
    super(message)
    Object.assign(this, more)
    this.name = name
    this.$fault = status < 500 ? 'client' : 'server'
    this.$metadata = { httpStatusCode: status, requestId: headers['x-amzn-requestid'] }
  }
}

const MAX_ATTEMPTS = 3

export class Client {
  readonly config: Service
  readonly #options: Options
  readonly #again: RetryPolicy

  constructor(service: Service, options: Options) {
    this.config = service
    this.#options = options
    this.#again = againBy(options)
  }

  /** @throws {AwsError | Error} once all attempts have failed. */
  send<Output>(command: Command<Output>, { abortSignal }: { abortSignal?: AbortSignal } = {}): Promise<Output> {
    const { connectionTimeout: connectMs, requestTimeout: timeoutMs } = this.#options.requestHandler ?? {}
    return this.#again.execute(async () => {
      const request = this.#signed(command.question(this.#endpoint()))
      return command.read(await exchange(request, { connectMs, timeoutMs, signal: abortSignal }))
    }, abortSignal)
  }

  #region(): string {
    return this.#options.region ?? process.env.AWS_REGION ?? ''
  }

  #endpoint(): string {
    const { name, variable } = this.config
    const { AWS_ENDPOINT_URL: ofAll, [`AWS_ENDPOINT_URL_${variable}`]: own } = process.env
    const region = this.#region()
    const usual = `https://${name}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
    return this.#options.endpoint ?? own ?? ofAll ?? usual
  }

  #signed(question: Question): Question {
    const { url, method, body } = question
    const { name, signedAs: service = name } = this.config
    const headers = { ...question.headers, Host: url.host, ...traceHeader() }
    const path = url.pathname + url.search
    const unsigned = { service, region: this.#region(), host: url.host, method, path, headers, body }
    const { headers: all } = aws4.sign(unsigned, this.#options.credentials ?? credentialsOfEnvironment())
    return { ...question, headers: all as Record<string, string> }
  }

  /** Its connections belong to the process. */
  destroy(): void {}
}

function againBy({ maxAttempts = MAX_ATTEMPTS, retryStrategy }: Options): RetryPolicy {
  const backoff = new DelegateBackoff<{ attempt: number }>(({ attempt }) => {
    return retryStrategy ? retryStrategy.computeNextBackoffDelay(attempt) : usualDelayMs(attempt)
  })
  return retry(handleWhen(isTransient), { maxAttempts: (retryStrategy?.maxAttempts ?? maxAttempts) - 1, backoff })
}

function credentialsOfEnvironment(): Credentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN: sessionToken } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error('No AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set')
  const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  return { ...keys, ...(sessionToken && { sessionToken }) }
}

/** By it Lambda detects that functions wake each other without end (@aws-sdk/core, recursionDetectionMiddleware). */
function traceHeader(): Record<string, string> {
  const { awslambda } = globalThis as { awslambda?: { InvokeStore?: { getXRayTraceId?(): string | undefined } } }
  const { AWS_LAMBDA_FUNCTION_NAME: name, _X_AMZN_TRACE_ID: ofProcess } = process.env
  const id = awslambda?.InvokeStore?.getXRayTraceId?.() ?? ofProcess
  return name && id ? { 'X-Amzn-Trace-Id': id } : {}
}

/** As the SDK's standard mode: up to 100 ms, 200 ms, 400 ms …, at most 20 s. */
function usualDelayMs(attempt: number): number {
  return Math.random() * Math.min(20_000, 100 * 2 ** (attempt - 1))
}

/** As the SDK's (@smithy/core, service-error-classification). */
const THROTTLED =
  /Throttl|TooManyRequests|ProvisionedThroughputExceeded|RequestLimitExceeded|TransactionInProgress|SlowDown/
const BROKEN = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/

/** The same request may succeed in a moment. */
function isTransient(error: Error): boolean {
  if (error instanceof AwsError) {
    const { httpStatusCode: status } = error.$metadata
    return status >= 500 || status === 429 || THROTTLED.test(error.name) || /^RequestTimeout/.test(error.name)
  }
  return error.name === 'TimeoutError' || BROKEN.test((error as { code?: string }).code ?? '')
}
