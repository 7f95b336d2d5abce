import type { PatchedInstance } from './ask.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { shell } from './shell.ts'
import { ageS } from './spans.ts'

/** A scan that is older says nothing of this month. */
const OLD_S = 30 * 86_400
/** In one command (Systems Manager API Reference, SendCommand). */
const MOST_TARGETS = 50

/** Which machines lack patches. Functions and containers have none of their own. */
export function patches({ now, platform: { timezone } }: Context): Question[] {
  return [
    question({
      id: 'patches',
      title: 'Patches of machines',
      asks: { instances: { kind: 'patches' } },
      answer: ({ instances }) => judged(instances, now, timezone),
    }),
  ]
}

function judged(instances: PatchedInstance[], now: Date, timezone: string) {
  if (instances.length === 0) {
    return { verdict: 'shown' as const, says: 'Systems Manager manages no machines here' }
  }
  const isUnknown = ({ at }: PatchedInstance) => at === undefined || ageS(now, at) > OLD_S
  const lacks = ({ security = 0, failed = 0 }: PatchedInstance) => security > 0 || failed > 0
  const unknown = instances.filter(isUnknown)
  const lacking = instances.filter(lacks)
  const named = (of: PatchedInstance[]) => of.map(({ name }) => name).join(', ')
  const todos = [
    ...(lacking.length > 0 ? [`patch ${named(lacking)}`] : []),
    ...(unknown.length > 0 ? [`scan ${named(unknown)}`] : []),
  ]
  const todo = todos.join('; ')
  return {
    verdict: todos.length > 0 ? ('bad' as const) : ('good' as const),
    says: `${lacking.length} of ${instances.length} lack security patches, or failed to install some${unknown.length > 0 ? `; ${unknown.length} not scanned in a month` : ''}`,
    bound: 'no security patch missing, scanned within a month',
    ...(todos.length > 0 && {
      todo: `${todo.charAt(0).toUpperCase()}${todo.slice(1)}`,
      proposals: [...(unknown.length > 0 ? [scan(unknown)] : []), ...(lacking.length > 0 ? [install(lacking)] : [])],
    }),
    table: {
      head: ['machine', 'missing', 'of them security', 'failed', 'scanned'],
      rows: instances.map(({ id, name, missing, security, failed, at }) => [
        name === id ? id : `${name} (${id})`,
        String(missing ?? '?'),
        String(security ?? '?'),
        String(failed ?? '?'),
        at === undefined ? 'never' : localTime(at, timezone),
      ]),
    },
  }
}

function run(instances: PatchedInstance[], parameters: string): string {
  const ids = instances.slice(0, MOST_TARGETS).map(({ id }) => id)
  return shell('aws ssm send-command', {
    'document-name': 'AWS-RunPatchBaseline',
    targets: `Key=InstanceIds,Values=${ids.join(',')}`,
    parameters,
  })
}

const scan = (instances: PatchedInstance[]) => ({
  command: run(instances, 'Operation=Scan'),
  effect: 'finds out what is missing, and installs nothing',
  risk: 'none: it takes some CPU for minutes',
  back: 'nothing is changed',
})

const install = (instances: PatchedInstance[]) => ({
  command: run(instances, 'Operation=Install,RebootOption=NoReboot'),
  effect: 'installs what the patch baseline approves. Some of it works only after a restart, which is left to you',
  risk: 'what runs there may be restarted, or work otherwise: one machine first, and not at the peak',
  back: 'a patch is not taken back: restore a snapshot of the volume that was made before',
})
