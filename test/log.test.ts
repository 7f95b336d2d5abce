import { afterEach, expect, test, vi } from 'vitest'
import { log } from '../shared/observe/log.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test.each(['info', 'warn', 'error'] as const)(
  '%s writes one object: the event, a message for people, the fields',
  (level) => {
    vi.stubEnv('LOG_LEVEL', '')
    const write = vi.spyOn(console, level).mockImplementation(() => {})
    log[level]('delivery.deferred', 'not attempted; retry scheduled', { channel: 'chat', reason: 'rate limited' })
    expect(write.mock.calls).toEqual([
      [
        {
          event: 'delivery.deferred',
          message: 'not attempted; retry scheduled',
          channel: 'chat',
          reason: 'rate limited',
        },
      ],
    ])
  },
)

test('writes nothing with LOG_LEVEL=SILENT', () => {
  vi.stubEnv('LOG_LEVEL', 'SILENT')
  const write = vi.spyOn(console, 'info').mockImplementation(() => {})
  log.info('rules.activated', 'rules activated', { version: 'x' })
  expect(write).not.toHaveBeenCalled()
})
