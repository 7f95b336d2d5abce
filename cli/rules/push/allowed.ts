import type { Config } from '../../../schemas/config.ts'
import { runCase } from '../../../shared/cases/run.ts'
import { errorsIn } from '../../../shared/check/findings.ts'
import { timeFor } from '../../../shared/check/time.ts'
import { commandLine } from '../../../shared/config/command-line.ts'
import { widthOf } from '../../wrap.ts'
import { describe, diagnosticOf, grouped } from '../check/print.ts'
import { readSource } from '../check/source.ts'
import type { Way } from '../live/roll-out.ts'
import type { Stage } from '../live/stage.ts'
import type { LocatedCase } from '../test/cases.ts'
import { failureOf } from '../test/diff.ts'
import { needsDeployment, unwatchedTypes } from './needs-deployment.ts'

/*
 * Checks before a push. Each prints why a push is not allowed.
 */

type Say = Way['say']

/** The time limit for each analysis of the rules, such as rules that can never match. */
export const LOOK_MS = 20_000

/** Whether `rules check` finds no error. */
export function isSound(config: Config, path: string, say: Say): boolean {
  const { errors, timeWasUp } = errorsIn(config, { now: new Date(), hasTime: timeFor(LOOK_MS) })
  for (const one of timeWasUp) say(`Not checked: ${one}.`)
  if (errors.length === 0) return true
  const source = readSource(path)
  const width = widthOf(process.stdout)
  for (const one of grouped(errors.map((error) => diagnosticOf(error, source)))) {
    say(`${describe(one, source.linesOf(one.first.place.file), width)}\n`)
  }
  say(`Nothing was pushed. Details: ${commandLine(`rules check --config ${path}`)}`)
  return false
}

/** Whether the cases of config/tests/ pass. */
export function casesPass(cases: LocatedCase[], config: Config, say: Say): boolean {
  const failed = failuresIn(cases, config)
  if (failed.length === 0) return true
  say([...failed, `${failed.length} of ${cases.length} cases failed: nothing was pushed.`].join('\n'))
  return false
}

/** The failure of each case. */
export function failuresIn(cases: LocatedCase[], config: Config): string[] {
  const width = widthOf(process.stdout)
  return cases.flatMap((one) => {
    const result = runCase(one, config)
    return result.differences.length > 0 ? [failureOf({ ...result, where: one.where }, width).join('\n')] : []
  })
}

/** Whether the stack has what the rules need, and no other roll-out is in progress. */
export function mayGoLive({ deployed, ongoing, place: { stage } }: Stage, config: Config, say: Say): boolean {
  const missing = needsDeployment(config, deployed.config)
  if (missing.length > 0) {
    const how = commandLine(`deploy --stage ${stage}`)
    say(`Stage ${stage} lacks resources that these rules need. Deploy them with "${how}":\n  ${missing.join('\n  ')}`)
    return false
  }
  const unwatched = unwatchedTypes(config, deployed.config)
  if (unwatched.length > 0) {
    const how = commandLine(`deploy --stage ${stage}`)
    say(`Stage ${stage} has no alarms yet on channels of type ${unwatched.join(', ')}: deploy soon, with "${how}".`)
  }
  if (ongoing) {
    const since = ongoing.StartedAt?.toISOString() ?? 'a while'
    say(`Roll-out ${ongoing.DeploymentNumber} has been in progress since ${since}: wait until it has ended.`)
    say(`To stop it: ${commandLine(`rules push --stage ${stage} --rollback`)}`)
    return false
  }
  return true
}
