import { inspect } from 'node:util'
import { expect, vi } from 'vitest'

/**
 * The one assertion that all channels' tests use: a secret is in no error with its causes, no log, no capture and no payload,
 * neither as it is nor as JSON, a URL or base64 would write it.
 */
export function expectNoSecret(shown: unknown, secrets: string[]): void {
  const all = everything(shown)
  for (const secret of secrets) for (const form of forms(secret)) if (all.includes(form)) expect.fail(leak(all, form))
}

function everything(shown: unknown): string {
  if (typeof shown === 'string') return shown
  const notified = [JSON.stringify(shown), inspect(shown, { depth: 10, showHidden: true, maxStringLength: null })]
  if (!(shown instanceof Error)) return notified.join('\n')
  const own = JSON.stringify(Object.getOwnPropertyDescriptors(shown))
  return [shown.message, shown.stack, own, ...notified, shown.cause === undefined ? '' : everything(shown.cause)].join(
    '\n',
  )
}

function forms(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), btoa(secret)]
}

function leak(all: string, form: string): string {
  const at = all.indexOf(form)
  return `a secret is shown: …${all.slice(Math.max(0, at - 100), at)}(here)`
}

/** Whatever is printed until `stop`, which gives it back; `take` gives what there is, once. */
export function watchOutput(): { take(): string; stop(): string } {
  const printed: string[] = []
  const keep = (...parts: unknown[]) => {
    printed.push(parts.map((part) => (typeof part === 'string' ? part : inspect(part, { depth: 10 }))).join(' '))
    return true
  }
  const spies = [
    ...(['debug', 'info', 'log', 'warn', 'error', 'trace'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(keep),
    ),
    vi.spyOn(process.stdout, 'write').mockImplementation(keep),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep),
  ]
  return {
    take: () => printed.splice(0).join('\n'),
    stop() {
      for (const spy of spies) spy.mockRestore()
      return printed.join('\n')
    },
  }
}
