import { beforeAll, expect, test } from 'vitest'
import { platformStack } from '../deploy/platform/platform.ts'
import { findingsOffline, kinds, type Shipped, shippedService } from './doctor-faults.ts'
import type { Resources } from './doctor-stage.ts'
import { shippedPlatform } from './some-platform.ts'

/*
 * A stage that watches a platform, as it is packaged: what the router watches may fire, and is not the router.
 */

const PROBE = 'alert-router-prod-probe'

let shipped: Shipped
beforeAll(async () => {
  shipped = await shippedService()
}, 120_000)

/** The packaged template, with what `stages: [prod]` in config/platform.yml adds. */
function watching(change: (resources: Resources) => void = () => undefined) {
  const template = structuredClone(shipped.template)
  const text = JSON.stringify(platformStack(shippedPlatform()).Resources)
    .replaceAll(/\$\{self:service\}/g, 'alert-router')
    .replaceAll(/\$\{sls:stage\}/g, 'prod')
  const functions = [likeValidator(template.Resources, 'Probe'), likeValidator(template.Resources, 'Report')]
  Object.assign(template.Resources, JSON.parse(text), ...functions)
  change(template.Resources)
  return findingsOffline(template, shipped)
}

/** As the validator's: a function with a role that may write its log, and nothing else. */
function likeValidator(resources: Resources, id: 'Probe' | 'Report'): Resources {
  const isOfValidator = ([id]: [string, unknown]) => id.startsWith('ValidateDashconfig')
  const text = JSON.stringify(Object.fromEntries(Object.entries(resources).filter(isOfValidator)))
  return JSON.parse(text.replaceAll('ValidateDashconfig', id).replaceAll('validate-config', id.toLowerCase()))
}

test('nothing about it is wrong: its alarms notify through the router, and its own functions feed no queue', () => {
  expect(watching()).toEqual([])
})

test('an alarm whose actions are disabled is found: its alert does not arrive', () => {
  const [found, ...others] = watching((resources) => {
    resources.PlatformDataLossAlarm.Properties.ActionsEnabled = false
  })
  expect(others).toEqual([])
  expect(found).toMatchObject({
    id: 'alarm-disabled',
    about: 'alert-router-prod-data-loss',
    keeps: expect.stringMatching(/^the alert of this alarm: Data was lost/),
  })
})

test('a probe that may not write its log publishes no metrics, and is found', () => {
  const found = watching((resources) => {
    resources.ProbeIamRoleLambdaExecution.Properties.Policies = []
  })
  expect(kinds(found)).toEqual(['role-lacks-right'])
  expect(found[0]).toMatchObject({ about: PROBE, keeps: 'whether the services of config/platform.yml answer' })
})
