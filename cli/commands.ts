import { ALARMS } from './commands/alarms.ts'
import { DEPLOY, PACKAGE } from './commands/deploy.ts'
import { DRILL, SEND } from './commands/drill.ts'
import { INIT } from './commands/init.ts'
import { COMPLETION } from './commands/more.ts'
import { ACK, ALERTS, DISCARD, DOCTOR, HISTORY, LIST, REDRIVE, RESOLVE, SHOW } from './commands/operate.ts'
import { PLATFORM_CHECK } from './commands/platform.ts'
import { PLAYBOOK } from './commands/playbook.ts'
import { REGIONS_SHOW, REGIONS_TAKE_OVER } from './commands/regions.ts'
import { PLAY, REPLAY } from './commands/replay.ts'
import { REPORT } from './commands/report.ts'
import { CHECK, DIFF, EXPLAIN, FMT, PLAN, PUSH, TEST, TREE, VERSIONS } from './commands/rules.ts'
import { SILENCE_ADD, SILENCE_EXPIRE, SILENCE_EXTEND, SILENCE_LIST } from './commands/silence.ts'
import { SLACK_MANIFEST } from './commands/slack.ts'
import { BENCH, FAULTS, MUTANTS, REFERENCE, SCHEMA, SIMULATE } from './commands/work.ts'
import type { Family } from './frame/help.ts'
import type { Given, Spec } from './frame/spec.ts'
import { isClone } from './own-files.ts'

/** A command: its description, and its code, which is loaded only when the command runs. */
export interface Command {
  spec: Spec
  /** Returns the exit code. @throws {UsageError | ConfigError | Error} its message is shown to the user. */
  run(given: Given<Spec>): Promise<number>
}

/** Every command, in the order of the help text. */
const ALL: Command[] = [
  command(INIT, async (given) => (await import('./init.ts')).init(given)),
  command(REPLAY, async (given) => (await import('./replay.ts')).replay(given)),
  command(PLAY, async (given) => (await import('./play.ts')).run(given)),
  command(CHECK, async (given) => (await import('./rules/check.ts')).run(given)),
  command(EXPLAIN, async (given) => (await import('./rules/explain.ts')).run(given)),
  command(TREE, async (given) => (await import('./rules/tree.ts')).run(given)),
  command(FMT, async (given) => (await import('./rules/fmt.ts')).run(given)),
  command(TEST, async (given) => (await import('./rules/test.ts')).run(given)),
  command(PLAN, async (given) => (await import('./rules/plan.ts')).run(given)),
  command(PUSH, async (given) => (await import('./rules/push.ts')).run(given)),
  command(DIFF, async (given) => (await import('./rules/diff.ts')).run(given)),
  command(VERSIONS, async (given) => (await import('./rules/versions.ts')).run(given)),
  command(PLATFORM_CHECK, async (given) => (await import('./platform/check.ts')).checkPlatform(given)),
  command(REPORT, async (given) => (await import('./report.ts')).report(given)),
  command(PLAYBOOK, async (given) => (await import('./playbook.ts')).playbook(given)),
  command(PACKAGE, async (given) => (await import('./package.ts')).packageService(given)),
  command(DEPLOY, async (given) => (await import('./deploy.ts')).deploy(given)),
  command(SLACK_MANIFEST, async (given) => (await import('./slack-manifest.ts')).slackManifest(given)),
  command(ALARMS, async (given) => (await import('./alarms.ts')).alarms(given)),
  command(DRILL, async (given) => (await import('./drill.ts')).drill(given)),
  command(SEND, async (given) => (await import('./send.ts')).send(given)),
  command(ALERTS, async (given) => (await import('./alerts.ts')).alerts(given)),
  command(ACK, async (given) => (await import('./ack.ts')).ack(given)),
  command(SILENCE_ADD, async (given) => (await import('./silence.ts')).add(given)),
  command(SILENCE_LIST, async (given) => (await import('./silence/list.ts')).list(given)),
  command(SILENCE_EXTEND, async (given) => (await import('./silence/change.ts')).extend(given)),
  command(SILENCE_EXPIRE, async (given) => (await import('./silence/change.ts')).expire(given)),
  command(HISTORY, async (given) => (await import('./history.ts')).history(given)),
  command(LIST, async (given) => (await import('./dead-letters.ts')).list(given)),
  command(SHOW, async (given) => (await import('./dead-letters.ts')).show(given)),
  command(REDRIVE, async (given) => (await import('./dead-letters.ts')).redriveLetters(given)),
  command(DISCARD, async (given) => (await import('./dead-letters.ts')).discardLetter(given)),
  command(RESOLVE, async (given) => (await import('./resolve.ts')).resolve(given)),
  command(REGIONS_SHOW, async (given) => (await import('./regions.ts')).show(given)),
  command(REGIONS_TAKE_OVER, async (given) => (await import('./regions.ts')).takeOver(given)),
  command(DOCTOR, async (given) => (await import('./doctor.ts')).doctor(given)),
  command(FAULTS, async (given) => (await import('./faults.ts')).faults(given)),
  command(SIMULATE, async (given) => (await import('./simulate.ts')).simulate(given)),
  command(MUTANTS, async (given) => (await import('./mutants.ts')).mutants(given)),
  command(BENCH, async (given) => (await import('./bench.ts')).bench(given)),
  command(SCHEMA, async (given) => (await import('./schema.ts')).schema(given)),
  command(REFERENCE, async (given) => (await import('./reference.ts')).reference(given, SPECS)),
  command(COMPLETION, async (given) => (await import('./completion.ts')).completion(given, SPECS)),
]

export const COMMANDS = ALL.filter(({ spec }) => isClone || !spec.isOfClone)

export const SPECS = COMMANDS.map(({ spec }) => spec)

export const FAMILIES: Family[] = [
  {
    name: 'rules',
    about: 'Edit the rules: check, test, plan, and push them to a stage.',
  },
  {
    name: 'platform',
    about: 'What is watched, and what good is: check it.',
  },
  {
    name: 'slack',
    about: 'The Slack app: its manifest.',
  },
  {
    name: 'silence',
    about: 'Notify nobody of some alerts, until a time: add, list, extend, expire.',
  },
  {
    name: 'regions',
    about: 'Two regions, of which one sends: show, take-over.',
  },
  {
    name: 'dead-letters',
    about: 'Undelivered alerts: list, redrive, discard.',
  },
]

function command<const Of extends Spec>(spec: Of, run: (given: Given<Of>) => Promise<number>): Command {
  return { spec, run: run as Command['run'] }
}
