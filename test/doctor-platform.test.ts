import { beforeAll, expect, test } from 'vitest'
import { platformStack } from '../deploy/platform/platform.ts'
import { reports } from '../deploy/platform/reports.ts'
import { findingsOffline, kinds, type Shipped, shippedService } from './doctor-faults.ts'
import type { Resources } from './doctor-stage.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'
import type { Json } from './stack.ts'

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
  const text = inStage(platformStack(shippedPlatform()).Resources)
  const functions = [likeValidator(template.Resources, 'Probe'), likeValidator(template.Resources, 'Report')]
  Object.assign(template.Resources, JSON.parse(text), ...functions)
  const { report } = JSON.parse(inStage(reports(shippedPlatform(), SHIPPED_RULES)))
  statementsOf(template.Resources.ReportIamRoleLambdaExecution).push(...report.iamRoleStatements)
  change(template.Resources)
  return findingsOffline(template, shipped)
}

/** As serverless would fill in its variables. */
const inStage = (part: object): string =>
  JSON.stringify(part)
    .replaceAll(/\$\{self:service\}/g, 'alert-router')
    .replaceAll(/\$\{sls:stage\}/g, 'prod')

const statementsOf = (role: Json): Json[] => role.Properties.Policies[0].PolicyDocument.Statement

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

test('a report that may not be published is found: nobody would get it', () => {
  const found = watching((resources) => {
    const statements = statementsOf(resources.ReportIamRoleLambdaExecution)
    statements.splice(
      statements.findIndex(({ Action }) => Action === 'sns:Publish'),
      1,
    )
  })
  expect(kinds(found)).toEqual(['role-lacks-right'])
  expect(found[0]).toMatchObject({
    about: 'alert-router-prod-report',
    what: expect.stringContaining('sns:Publish'),
    keeps: 'the reports that are sent at the times of config/platform.yml',
  })
})

test('a probe that may not write its log publishes no metrics, and is found', () => {
  const found = watching((resources) => {
    resources.ProbeIamRoleLambdaExecution.Properties.Policies = []
  })
  expect(kinds(found)).toEqual(['role-lacks-right'])
  expect(found[0]).toMatchObject({ about: PROBE, keeps: 'whether the services of config/platform.yml answer' })
})
