import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply, copyOfSources, filesOf, stepsOf } from './checklist.ts'
import { command } from './command.ts'

/* The pages in docs/contributing are applied to one copy of the sources, step by step. */

const channel = stepsOf('docs/contributing/add-a-channel.md')
const event = stepsOf('docs/contributing/add-an-event.md')
const ruleKey = stepsOf('docs/contributing/add-a-rule-key.md')
/** The steps that add it to the schemas: from there on the compiler asks for the rest. */
const FIRST = ['schemas/channel.ts', 'schemas/alert.ts', 'schemas/config.ts', 'shared/decide/extras.ts']

const copy = copyOfSources()
afterAll(copy.remove)

/** The compiler's errors when it is in the schemas, and nothing else is done. */
let named: string[]
/** The errors when everything is done. */
let left: string[]
beforeAll(() => {
  const steps = [...channel, ...event, ...ruleKey]
  for (const step of steps) if (FIRST.includes(step.path)) apply(copy.folder, step)
  named = errorsIn(copy.folder)
  for (const step of steps) if (!FIRST.includes(step.path)) apply(copy.folder, step)
  left = errorsIn(copy.folder)
})

/** The files in which the compiler finds an error. */
function errorsIn(folder: string): string[] {
  const { stdout } = spawnSync(resolve('node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return [...new Set([...stdout.matchAll(/^([^\s(]+)\(\d+,\d+\): error/gm)].map(([, file = '']) => file))]
}

test('the compiler names each file that must be changed, and has no errors when everything is done', () => {
  expect(named.sort()).toEqual([
    'local/vendors.ts',
    'shared/channels/alert-text.ts',
    'shared/channels/types.ts',
    'shared/config/words.ts',
    'shared/decide/by-rules.ts',
  ])
  expect(left).toEqual([])
})

describe('adding a type of channel', () => {
  test('touches eight files', () => {
    expect(filesOf(channel).length).toBeLessThanOrEqual(8)
  })

  test('gives a channel that receives its alerts, with its own queue and function', async () => {
    const rules = join(copy.folder, 'config/alerts.yml')
    const edited = readFileSync(rules, 'utf8')
      .replace(/^channels:\n/m, (line) => `${line}  chat: { type: teams, secret: chat }\n`)
      .replace(/^(default: \{.*?)( \})/m, '$1, channels: [chat]$2')
    writeFileSync(rules, edited)
    const { code, stdout, stderr } = await command(['replay', '-', '--json'], {
      cwd: copy.folder,
      sources: copy.folder,
      stdin: JSON.stringify({ title: 'A thing nobody knows', source: 'a-test' }),
    })
    expect([code, stderr]).toEqual([0, ''])
    const { deliveries } = JSON.parse(stdout)
    expect(deliveries).toMatchObject([{ channel: 'chat', type: 'teams', status: 'delivered' }])
  })
})

describe('adding an AWS event', () => {
  test('touches at most five files', () => {
    expect(filesOf(event).length).toBeLessThanOrEqual(5)
  })

  test('parses it', async () => {
    const failed = {
      ...{ version: '0', id: '1', account: '123456789012', time: '2026-11-03T10:00:00Z', region: 'eu-west-1' },
      ...{ source: 'aws.transfer', 'detail-type': 'SFTP Server File Upload Failed', resources: [] },
      detail: { 'server-id': 's-1', 'file-path': '/in/orders.csv', 'failure-message': 'Permission denied' },
    }
    const { code, stdout } = await command(['rules', 'explain', '-', '--json'], {
      cwd: copy.folder,
      sources: copy.folder,
      stdin: JSON.stringify(failed),
    })
    expect(code).toBe(0)
    const [{ alert }] = JSON.parse(stdout)
    expect(alert).toMatchObject({ kind: 'transfer', title: 'SFTP file upload failed: /in/orders.csv' })
  })
})

describe('adding a key to rules', () => {
  test('touches nine files', () => {
    expect(filesOf(ruleKey).length).toBeLessThanOrEqual(9)
  })

  test('lets a rule set it, explains and shows it', async () => {
    const rules = join(copy.folder, 'config/alerts.yml')
    const edited = readFileSync(rules, 'utf8').replace(
      /^( +)- name: usage report\n/m,
      (line, by) => `${line}${by}  contact: Mo\n`,
    )
    writeFileSync(rules, edited)
    const args = ['rules', 'explain', 'samples/usage-report.json', '--json']
    const { code, stdout } = await command(args, { cwd: copy.folder, sources: copy.folder })
    expect(code).toBe(0)
    const [{ decision, messages }] = JSON.parse(stdout)
    expect(decision).toMatchObject({ contact: 'Mo' })
    expect(decision.because).toContain('rule "usage report" names the contact Mo')
    expect(messages[0].body.join('\n')).toMatch(/Contact:?\s+Mo/)
  })
})
