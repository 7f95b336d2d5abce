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
import { diffOf } from '../test/diff.ts'
import { needsDeployment } from './needs-deployment.ts'

/*
 * What may go live. Each says why, where something may not.
 */

type Say = Way['say']

/** Rules are looked at for so long: whether some can never match, say. */
export const LOOK_MS = 20_000

/** Has `rules check` no error? */
export function isSound(config: Config, path: string, say: Say): boolean {
  const { errors, timeWasUp } = errorsIn(config, { now: new Date(), hasTime: timeFor(LOOK_MS) })
  for (const one of timeWasUp) say(`Not looked at: ${one}.`)
  if (errors.length === 0) return true
  const source = readSource(path)
  const width = widthOf(process.stdout)
  for (const one of grouped(errors.map((error) => diagnosticOf(error, source)))) {
    say(`${describe(one, source.linesOf(one.first.place.file), width)}\n`)
  }
  say(`Nothing was pushed. Details: ${commandLine(`rules check --config ${path}`)}`)
  return false
}

/** Are the cases of config/tests/ as expected? */
export function casesPass(cases: LocatedCase[], config: Config, say: Say): boolean {
  const failed = failuresIn(cases, config)
  if (failed.length === 0) return true
  say([...failed, `${failed.length} of ${cases.length} cases fail: nothing is pushed.`].join('\n'))
  return false
}

/** Of each case that fails, how. */
export function failuresIn(cases: LocatedCase[], config: Config): string[] {
  return cases.flatMap((one) => {
    const { differences } = runCase(one, config)
    return differences.length > 0 ? [`✗ ${one.name}  (${one.where})\n${differences.flatMap(diffOf).join('\n')}`] : []
  })
}

/** Has the stack what they need, and does no other roll-out go on? */
export function mayGoLive({ deployed, ongoing, place: { stage } }: Stage, config: Config, say: Say): boolean {
  const missing = needsDeployment(config, deployed.config)
  if (missing.length > 0) {
    const how = commandLine(`deploy --stage ${stage}`)
    say(
      `These rules need what stage ${stage} was not deployed with. Deploy them with "${how}":\n  ${missing.join('\n  ')}`,
    )
    return false
  }
  if (ongoing) {
    const since = ongoing.StartedAt?.toISOString() ?? 'a while'
    say(`Roll-out ${ongoing.DeploymentNumber} goes on since ${since}: wait until it is through.`)
    say(`"${commandLine(`rules push --stage ${stage} --rollback`)}" stops it.`)
    return false
  }
  return true
}
