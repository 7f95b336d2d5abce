import tls from 'node:tls'
import { beforeAll, expect, test, vi } from 'vitest'
import { replay } from './replaying.ts'

vi.mock('../local/engine-thread.ts', async () => (await import('./replaying.ts')).engineInThisThread())
beforeAll(() => tls.setDefaultCACertificates([]))

test('a replay shows what follows an alert, asked of the demo', async () => {
  const { code, stdout } = await replay(['samples/high-error-rate-1-alarm.json', '--evidence'])
  expect(code).toBe(0)
  const [, evidence = ''] = stdout.split('What followed, to slack-warning:\n\n')
  expect(evidence).toMatch(/^Evidence: HighErrorRateAlarm: data-processor \(FunctionName\)\nMetric: Error rate \(%\)/)
  expect(evidence).toContain('TimeoutError: upstream timed out after … ms')
  expect(evidence).toContain('npx alert-router playbook high-error-rate HighErrorRateAlarm --stage local')
}, 60_000)

test('and that nothing follows where none does', async () => {
  const { stdout } = await replay(['samples/usage-report.json', '--evidence'])
  expect(stdout).toContain('No evidence followed: it does for critical and warning alerts that fire.')
}, 60_000)
