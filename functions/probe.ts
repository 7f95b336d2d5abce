import middy from '@middy/core'
import type { Platform, Service } from '../schemas/platform.ts'
import { durationMs } from '../shared/decide/duration.ts'
import { log } from '../shared/observe/log.ts'
import { publish } from '../shared/observe/metrics.ts'
import { packagedPlatform } from '../shared/platform/packaged.ts'

type Endpoint = Extract<Service, { type: 'http' }>

const platform = packagedPlatform() as Platform

/** Asks every http service, and publishes how many percent of those behind each metric have answered. */
async function probe(): Promise<void> {
  const now = new Date()
  const endpoints = Object.entries(platform.services).flatMap(([name, service]) =>
    service.type === 'http' ? [[name, service] as const] : [],
  )
  const failed = await Promise.all(endpoints.map(([name, endpoint]) => whyNot(name, endpoint)))
  const down = new Set(failed.filter((name) => name !== undefined))
  for (const { namespace, metric, unit, from } of Object.values(platform.metrics)) {
    if (from?.by !== 'probe') continue
    const answered = from.services.filter((name) => !down.has(name)).length
    publish(namespace, { [metric]: { value: (100 * answered) / from.services.length, unit } }, { now })
  }
}

/** So often a service is asked before it counts as down: one lost packet is no outage. */
const ATTEMPTS = 2

/** @returns the service's name when it does not answer as it should; the log has the reason. */
async function whyNot(name: string, endpoint: Endpoint): Promise<string | undefined> {
  const reasons: string[] = []
  while (reasons.length < ATTEMPTS) {
    const reason = await ask(endpoint)
    if (reason === undefined) return undefined
    reasons.push(reason)
  }
  const { host, pathname } = new URL(endpoint.url)
  // No query string: it may hold a token.
  log.warn('probe.failed', 'a service does not answer', {
    service: name,
    url: host + pathname,
    reason: reasons.join('; '),
  })
  return name
}

/** A page that answers need not be read to its end. */
const MOST_BYTES = 1_000_000

async function ask({ url, status, text, timeout }: Endpoint): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(durationMs(timeout))
    const response = await fetch(url, { redirect: 'manual', signal, headers: { 'user-agent': 'alert-router probe' } })
    if (response.status === status && text !== undefined) {
      return (await startOf(response)).includes(text) ? undefined : `the answer has no "${text}"`
    }
    await response.body?.cancel()
    return response.status === status ? undefined : `status ${response.status}, expected ${status}`
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? `no answer within ${timeout}` : whyOf(error as Error)
  }
}

/** By its cause: the error itself may name the whole URL. */
function whyOf({ name, cause }: Error): string {
  const { message, code } = (cause ?? {}) as { message?: string; code?: string }
  // Of several addresses that all refuse, the message is empty.
  return message || code || name
}

async function startOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MOST_BYTES) break
  }
  return text
}

export const handler = middy(probe)
