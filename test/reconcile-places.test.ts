import { afterEach, expect, test, vi } from 'vitest'
import { isUs } from '../shared/reconcile/places.ts'

afterEach(() => vi.unstubAllEnvs())

test.each<[what: string, arn: string, isRouter: boolean]>([
  ['the alarms topic', 'arn:aws:sns:eu-west-1:111122223333:alert-router-prod-alarms', true],
  ['route', 'arn:aws:lambda:eu-west-1:111122223333:function:alert-router-prod-route', true],
  [
    'its bus for other accounts',
    'arn:aws:events:eu-west-1:111122223333:event-bus/alert-router-prod-organization',
    true,
  ],
  ['that bus of another stage', 'arn:aws:events:eu-west-1:111122223333:event-bus/alert-router-dev-organization', false],
  [
    'that bus of another account',
    'arn:aws:events:eu-west-1:444455556666:event-bus/alert-router-prod-organization',
    false,
  ],
  ['the default bus', 'arn:aws:events:eu-west-1:111122223333:event-bus/default', false],
  ['another topic', 'arn:aws:sns:eu-west-1:111122223333:ops', false],
])('reconcile takes %s for the router or not', (_what, arn, isRouter) => {
  vi.stubEnv('ALARMS_TOPIC_ARN', 'arn:aws:sns:eu-west-1:111122223333:alert-router-prod-alarms')
  vi.stubEnv('ROUTE_FUNCTION_ARN', 'arn:aws:lambda:eu-west-1:111122223333:function:alert-router-prod-route')
  expect(isUs(arn)).toBe(isRouter)
})
