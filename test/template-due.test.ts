import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TABLE } from '../local/topology.ts'
import { copyOfService, packageService } from './package-service.ts'

/*
 * What the stack has so that nothing that is due is forgotten: the table's index, the function that reads it each minute,
 * and in which order a deployment changes the functions.
 */

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
type Json = any

const { folder, remove } = copyOfService()
let resources: Record<string, Json>

beforeAll(() => {
  const { output } = packageService(folder, '--stage', 'prod', '--region', 'eu-central-1')
  expect(output).toContain('template valid')
  const template = readFileSync(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8')
  resources = JSON.parse(template).Resources
})
afterAll(remove)

describe('the table', () => {
  test('has the keys and the index of the local one', () => {
    const { Properties } = resources.AlertTable
    expect(Object.fromEntries(Object.keys(TABLE).map((name) => [name, Properties[name]]))).toEqual(TABLE)
  })
})
