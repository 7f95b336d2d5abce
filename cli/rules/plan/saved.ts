import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { clean } from '../../../shared/channels/outside-text.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { UsageError } from '../../command.ts'
import { json } from '../../replay/events.ts'
import type { Place } from '../live/place.ts'

const FORMAT = 'alert-router plan 1'

const savedPlanSchema = z.strictObject({
  format: z.literal(FORMAT),
  stage: z.string(),
  /** Of AWS; `unknown`, where the stack does not say. */
  account: z.string(),
  region: z.string(),
  /** Where the edited rules are. */
  config: z.string(),
  /** Of the edited rules (`versionOf`). */
  version: z.string(),
  /** Of the rules that were live. */
  live: z.string(),
  /** ISO 8601 */
  madeAt: z.string(),
  /** What was shown to a person. */
  shown: z.string(),
  /** As `plan --json` gives it. */
  plan: z.record(z.string(), z.unknown()),
})

/** What `plan --out` has seen, for `push --plan` to do that and nothing else. */
export type SavedPlan = z.infer<typeof savedPlanSchema>

/** @throws {UsageError} for a file that is there and is not a plan: it may be the user's rules. */
export function refuseOther(file: string): void {
  if (!existsSync(file) || isPlan(file)) return
  throw new UsageError(
    `--out ${file}: this file is not a saved plan, and would be overwritten. Name another, as in --out plan.json`,
  )
}

function isPlan(file: string): boolean {
  try {
    const text = readFileSync(file, 'utf8')
    return text.trim() === '' || (json(text) as { format?: unknown } | undefined)?.format === FORMAT
  } catch {
    return false
  }
}

/** @throws {UsageError} when it can't be written. */
export function savePlan(file: string, plan: Omit<SavedPlan, 'format'>): void {
  try {
    writeFileSync(file, `${JSON.stringify({ format: FORMAT, ...plan })}\n`)
  } catch (error) {
    throw new UsageError(`--out ${file}: it can't be written: ${(error as Error).message}`)
  }
}

/** @throws {UsageError} for what can't be read, or is no plan. */
export function readSavedPlan(file: string): SavedPlan {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UsageError(`--plan ${file}: ${isMissing ? 'there is no such file' : (error as Error).message}`)
  }
  const read = savedPlanSchema.safeParse(json(text))
  if (read.success) return { ...read.data, shown: clean(read.data.shown) }
  throw new UsageError(
    `--plan ${file}: this is no plan. "${commandLine('rules plan --stage prod --out plan.json')}" makes one`,
  )
}

/** What is another thing now than the plan has seen, a line each; none: it may be pushed. Pure. */
export function otherThan(saved: SavedPlan, now: Place & Pick<SavedPlan, 'version' | 'live'>): string[] {
  const what = {
    stage: 'the stage',
    account: 'the account',
    region: 'the region',
    live: 'what is live',
    version: `the rules in ${saved.config}`,
  }
  return (Object.keys(what) as (keyof typeof what)[])
    .filter((key) => saved[key] !== now[key])
    .map((key) => {
      const isVersion = key === 'live' || key === 'version'
      const said = (value: string) => (isVersion ? `version ${value}` : value)
      return `${what[key]}: the plan has seen ${said(saved[key])}, and now it is ${said(now[key])}`
    })
}
