import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { here, named, type Run } from './command.ts'

/** The rules of the made-up day: a firing is sent if it still fires after five minutes, but for what is critical. */
export const DAY_RULES = 'demo/day/alerts.yml'

export const LOG_TEST = {
  awslogs: {
    data: 'H4sIAF1gCmsC/zWO0QqCMBSGX2XsugsDifAuxLqxhBS6CImlp200N9lmEuK7t9k8d+f/zvn5JtyBMYRC9e0BJwinxaW6FvnjnJXl4ZThDcJqlKAXJtTQjsQ2LFfUeCQUPWk19J6GvbQaSLcGZniaRvPeciWPXFjQxqF7/b/NPiDtEkyYt+uP5c7Jks63buN9tIujOPLjWLBdbG45CrYo2CYoZdC8uaSIARGWIfVCrSvjkngDPNfzD5WMOq7yAAAA',
  },
}

/** An alarm of CloudWatch, as its topic sends it. */
export function alarm(
  AlarmName: string,
  NewStateValue: string,
  StateChangeTime?: string,
  AWSAccountId = '1'.repeat(12),
) {
  const AlarmArn = `arn:aws:cloudwatch:eu-west-1:${AWSAccountId}:alarm:${AlarmName}`
  const time = StateChangeTime === undefined ? {} : { StateChangeTime }
  return { AlarmName, AlarmArn, AWSAccountId, NewStateValue, ...time, Trigger: {} }
}

/** Plays events, and what people did (lines of YAML), by rules; in a folder of its own. */
export function player() {
  const folder = mkdtempSync(join(tmpdir(), 'play-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return (events: object[], { people, config = DAY_RULES, json = false, now }: How = {}): Promise<Run> => {
    const file = join(folder, 'events.jsonl')
    const ofPeople = join(folder, 'people.yml')
    writeFileSync(file, events.map((one) => `${JSON.stringify(one)}\n`).join(''))
    if (people !== undefined) writeFileSync(ofPeople, people)
    const args = [file, '--config', config, ...(people === undefined ? [] : ['--people', ofPeople])]
    return here(named('play'), [...args, ...(json ? ['--json'] : [])], { env: { COLUMNS: '110' }, ...(now && { now }) })
  }
}

interface How {
  people?: string
  config?: string
  json?: boolean
  now?: string
}
