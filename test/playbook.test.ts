import { beforeAll, describe, expect, test } from 'vitest'
import { main } from '../cli/main.ts'
import { PLAYBOOKS } from '../shared/questions/playbooks.ts'
import { lastMs } from '../shared/questions/spans.ts'
import { answersOf, notChecked, todosOf } from '../shared/reports/report.ts'
import { askedReport, FRIDAY } from './asked-report.ts'
import { here } from './command.ts'

type Type = keyof typeof PLAYBOOKS

const asked = (type: Type, prepare?: Parameters<typeof askedReport>[2]) => {
  const { title, sinceMs, steps } = PLAYBOOKS[type]
  return askedReport(type, { title, sections: steps(lastMs(new Date(FRIDAY), sinceMs)) }, prepare)
}

/** What each sends that could change something: nothing. */
const READS = /^(Get|Describe|List|Lookup|Scan$|StartQuery$|StopQuery$)/

describe.each(Object.keys(PLAYBOOKS) as Type[])('%s', (type) => {
  test('only reads, and answers each step', async () => {
    const requests: string[] = []
    const { report } = await asked(type, {
      prepare: (aws) => {
        Object.defineProperty(aws.requests, 'push', {
          value: (...all: { path: string }[]) => {
            requests.push(...all.map(({ path }) => path))
            return Array.prototype.push.apply(aws.requests, all as never)
          },
        })
      },
    })
    expect(notChecked(report)).toEqual([])
    expect(requests.length).toBeGreaterThan(3)
    expect(requests.filter((name) => !READS.test(name))).toEqual([])
  })
})

describe('over the demo', () => {
  let titles: Record<Type, string[]>
  beforeAll(async () => {
    const of = async (type: Type) => {
      const { report } = await asked(type)
      return answersOf(report).map(({ title, verdict, says }) => `${verdict}: ${title}: ${says}`)
    }
    titles = {
      'system-down': await of('system-down'),
      'high-error-rate': await of('high-error-rate'),
      'data-quality': await of('data-quality'),
    }
  })

  test.each<[Type, RegExp]>([
    ['system-down', /^good: portal, api: answered: 100 % at Fri 2026-11-27 07:29$/],
    ['system-down', /^bad: Alarms that fire: 4$/],
    ['system-down', /^good: Issues of AWS itself: none that is open$/],
    ['high-error-rate', /^bad: Errors of data-processor: [23][.\d]* % \(\d+ of [\d,]+\), 0 throttled$/],
    ['high-error-rate', /^good: Errors of data-validator: /],
    ['high-error-rate', /^shown: Errors in the logs, by pattern: 3 patterns$/],
    ['data-quality', /^bad: Data quality: 9[12][.\d]* % at Fri 2026-11-27 07:15$/],
    ['data-quality', /^shown: Lines about refused or lost records, by pattern: 1$/],
    ['data-quality', /^shown: Records and quality by pipeline: 3 pipelines$/],
  ])('%s finds %s', (type, line) => {
    expect(titles[type]).toContainEqual(expect.stringMatching(line))
  })
})

test('a step that does not answer holds up no other, and is not checked', async () => {
  const { title, sinceMs, steps } = PLAYBOOKS['system-down']
  const sections = steps(lastMs(new Date(FRIDAY), sinceMs))
  const { report } = await askedReport(
    'system-down',
    { title, sections },
    { prepare: (aws) => aws.mode('LookupEvents', { after: new Promise(() => {}) }), timeoutMs: 500 },
  )
  expect(notChecked(report).map((answer) => `${answer.title}: ${answer.says}`)).toEqual([
    'Changes by people and their tools: no answer in time to cloudtrail:LookupEvents',
  ])
  expect(todosOf(report).length).toBeGreaterThan(0)
})

describe('the command', () => {
  const run = (...args: string[]) => here(main, ['playbook', ...args], { env: { NO_COLOR: '1' } })

  test('an unknown type is an error, with what there is', async () => {
    const { code, stdout, stderr } = await run('sytem-down', '--demo')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^no playbook "sytem-down"\. Did you mean "system-down"\?/)
    expect(stderr).toContain('There are: system-down, high-error-rate, data-quality.')
  })

  test('of the future there is nothing to ask', async () => {
    const { code, stderr } = await run('system-down', '--demo', '--since', '2999-01-01')
    expect([code, stderr.split('\n')[0]]).toEqual([2, '--since 2999-01-01: that is yet to come'])
  })

  test('a report is a page or Markdown', async () => {
    const { code, stderr } = await run('system-down', '--demo', '--out', 'a.pdf')
    expect([code, stderr]).toEqual([2, expect.stringContaining('a report is a page (.html) or Markdown (.md)')])
  })

  test('without a type, or without a stage, it says what to give', async () => {
    expect((await run('--demo')).stderr).toContain('Give a type of incident.')
    expect((await run('system-down')).stderr).toContain('Give a stage, as in --stage prod, or --demo.')
  })
})
