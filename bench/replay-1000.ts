import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Replays a thousand alarms with different names through the whole local path, as a user would, and returns the
 * seconds that the command took.
 * @throws {Error} when one of them was not delivered.
 */
export function replayThousand(folder: string, sampleText: string): { seconds: number; deliveries: number } {
  const sample = JSON.parse(sampleText)
  const lines = Array.from({ length: 1_000 }, (_, index) => {
    const name = `${sample.AlarmName}-${index}`
    return JSON.stringify({ ...sample, AlarmName: name, AlarmArn: `${sample.AlarmArn}-${index}` })
  })
  const file = join(folder, 'thousand.jsonl')
  writeFileSync(file, lines.join('\n'))
  const from = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/alert-router.ts', 'replay', '--json', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  const seconds = (performance.now() - from) / 1_000
  const outcomes = stdout.trimEnd().split('\n')
  if (status !== 0 || outcomes.length !== 1_000) throw new Error(`the replay failed (${status}): ${stderr}`)
  return { seconds, deliveries: outcomes.reduce((sum, line) => sum + JSON.parse(line).deliveries.length, 0) }
}
