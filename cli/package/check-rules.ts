import { existsSync } from 'node:fs'
import type { Config } from '../../schemas/config.ts'
import { errorsIn, findingsOf } from '../../shared/check/findings.ts'
import { timeFor } from '../../shared/check/time.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import { count } from '../count.ts'
import { describe, diagnosticOf, grouped } from '../rules/check/print.ts'
import { readSource } from '../rules/check/source.ts'
import { failuresIn, LOOK_MS } from '../rules/push/allowed.ts'
import { CASES_FOLDER, readCases } from '../rules/test/cases.ts'
import { widthOf } from '../wrap.ts'

export interface CheckedRules {
  /** Why they may not be deployed, as `rules check` and `rules test` print it; absent if they may. */
  refusal?: string
  warnings: number
  cases: number
  /** The checks that did not finish in time, a sentence each. */
  notChecked: string[]
}

/**
 * Applies to packaged rules the same checks as `push`: no errors, and every case passes. Warnings are counted only
 * on request, because they take longer.
 */
export function checkRules(config: Config, path: string, { withWarnings = false } = {}): CheckedRules {
  const source = readSource(path)
  const startTime = () => timeFor(LOOK_MS)
  const now = new Date()
  const { findings, timeWasUp } = withWarnings
    ? findingsOf(config, { ...source, now, startTime })
    : errorsOf(errorsIn(config, { now, hasTime: startTime() }))
  const diagnostics = findings.map((one) => diagnosticOf(one, source))
  const errors = diagnostics.filter(({ level }) => level === 'error')
  const cases = existsSync(CASES_FOLDER) ? readCases() : []
  const failures = errors.length > 0 ? [] : failuresIn(cases, config)
  const width = widthOf(process.stdout)
  const lines = [
    ...grouped(errors).map((one) => `${describe(one, source.linesOf(one.first.place.file), width)}\n`),
    ...failures,
  ]
  return {
    ...(lines.length > 0
      ? { refusal: [...lines, whyNot(errors.length, failures.length, cases.length)].join('\n') }
      : {}),
    warnings: diagnostics.filter(({ level }) => level === 'warning').length,
    cases: cases.length,
    notChecked: timeWasUp,
  }
}

function errorsOf({ errors, timeWasUp }: ReturnType<typeof errorsIn>) {
  return { findings: errors, timeWasUp }
}

function whyNot(errors: number, failures: number, cases: number): string {
  return errors > 0
    ? `Nothing was packaged: the rules have ${count(errors, 'error')}. Details: ${commandLine('rules check')}`
    : `Nothing was packaged: ${failures} of ${cases} cases fail. Details: ${commandLine('rules test')}`
}
