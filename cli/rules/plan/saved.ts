import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { clean } from '../../../shared/channels/outside-text.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { isFolder, isThere, readable } from '../../../shared/config/files.ts'
import { FileError } from '../../../shared/config/problem.ts'
import { UsageError } from '../../command.ts'
import { writeOut } from '../../out.ts'
import { json } from '../../replay/events.ts'
import type { Place } from '../live/place.ts'

const FORMAT = 'alert-router plan 1'

const savedPlanSchema = z.strictObject({
  format: z.literal(FORMAT),
  stage: z.string(),
  /** The AWS account; `unknown` if the stack does not say. */
  account: z.string(),
  region: z.string(),
  /** The path of the edited rules. */
  config: z.string(),
  /** The version of the edited rules (`versionOf`). */
  version: z.string(),
  /** The version of the active rules. */
  live: z.string(),
  /** ISO 8601 */
  madeAt: z.string(),
  /** The text shown to a person. */
  shown: z.string(),
  /** As `plan --json` prints it. */
  plan: z.record(z.string(), z.unknown()),
})

/** What `plan --out` has compared, so that `push --plan` does exactly that. */
export type SavedPlan = z.infer<typeof savedPlanSchema>

/** @throws {UsageError} for an existing file that is not a plan: it may be the user's rules. */
export function refuseOther(file: string): void {
  if (!isThere(file) || isPlan(file)) return
  throw new UsageError(
    `--out ${file}: this file is not a saved plan, and would be overwritten. Give another name, as in --out plan.json`,
  )
}

function isPlan(file: string): boolean {
  if (isFolder(file)) return false
  const text = readable(file, () => readFileSync(file, 'utf8'))
  return text.trim() === '' || (json(text) as { format?: unknown } | undefined)?.format === FORMAT
}

/** @throws {FileError} when it can't be written. */
export function savePlan(file: string, plan: Omit<SavedPlan, 'format'>): void {
  writeOut(file, `${JSON.stringify({ format: FORMAT, ...plan })}\n`)
}

/** @throws {FileError} if it can't be read, or is not a plan. */
export function readSavedPlan(file: string): SavedPlan {
  if (!isThere(file)) throw new FileError(`--plan ${file}: no such file`)
  const text = readable(file, () => readFileSync(file, 'utf8'))
  const read = savedPlanSchema.safeParse(json(text))
  if (read.success) return { ...read.data, shown: clean(read.data.shown) }
  throw new FileError(
    `--plan ${file}: not a plan. Make one with "${commandLine('rules plan --stage prod --out plan.json')}"`,
  )
}

/** What has changed since the plan, a line each; empty: it may be pushed. Pure. */
export function otherThan(saved: SavedPlan, now: Place & Pick<SavedPlan, 'version' | 'live'>): string[] {
  const what = {
    stage: 'the stage',
    account: 'the account',
    region: 'the region',
    live: 'the deployed rules',
    version: `the rules in ${saved.config}`,
  }
  return (Object.keys(what) as (keyof typeof what)[])
    .filter((key) => saved[key] !== now[key])
    .map((key) => {
      const isVersion = key === 'live' || key === 'version'
      const said = (value: string) => (isVersion ? `version ${value}` : value)
      return `${what[key]}: ${said(saved[key])} in the plan, ${said(now[key])} now`
    })
}
