import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { commandLine } from '../shared/config/command-line.ts'
import { folderAbove } from '../shared/config/files.ts'
import { UsageError } from './command.ts'
import type { INIT } from './commands/init.ts'
import type { Given } from './frame/spec.ts'
import { packageFile, STACK, TESTS, WORKFLOW } from './init/files.ts'
import { ownPath } from './own-files.ts'
import { STACK_SETTINGS } from './package/service.ts'
import { versionOfRouter } from './version.ts'

export async function init({ options }: Given<typeof INIT>): Promise<number> {
  const above = folderAbove()
  if (above !== undefined) {
    throw new UsageError(`There is a repository of the router already, in ${above}: run it there. Nothing was written.`)
  }
  const files = Object.entries(filesOfATeam())
  const [written, left] = [false, true].map((isThere) => files.filter(([file]) => existsSync(file) === isThere))
  if (!options['dry-run']) for (const [file, text] of written ?? []) write(file, text)
  const names = (some: [string, string][] = []) => some.map(([file]) => file)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ written: names(written), left: names(left) })}\n`
      : inWords(names(written), names(left), options['dry-run']),
  )
  return 0
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  // Never overwrites a file that was created in the meantime.
  writeFileSync(file, text, { flag: 'wx' })
}

/** The files of a team's repository, by path. */
function filesOfATeam(): Record<string, string> {
  const own = (file: string) => readFileSync(ownPath(file), 'utf8')
  const schemas = '../node_modules/alert-router/schemas/'
  return {
    'config/alerts.yml': own('config/alerts.yml').replace('../schemas/', schemas),
    'config/platform.yml': own('config/platform.yml').replace('../schemas/', schemas),
    'config/team.yml.example': own('config/team.yml.example').replace('../schemas/', schemas),
    'config/tests/alerts.yml': TESTS,
    'config/tests/events/data-loss.json': own('samples/data-loss-1-alarm.json'),
    'config/tests/events/deployment-failed.json': own('samples/deployment-failed.json'),
    [STACK_SETTINGS]: STACK,
    '.github/workflows/alert-router.yml': WORKFLOW,
    '.gitignore': 'node_modules/\n.serverless/\n.alert-router/\nconfig/alerts.json\nconfig/platform.json\n',
    'package.json': packageFile(basename(resolve('.')), versionOfRouter()),
  }
}

function inWords(written: string[], left: string[], isDry: boolean): string {
  const part = (title: string, files: string[]) =>
    files.length === 0 ? [] : [title, ...files.map((file) => `  ${file}`)]
  const next = [
    'Next:',
    `  ${commandLine('replay')}`,
    '      where each sample is sent by these rules, and why',
    `  ${commandLine('rules check')}`,
    '      find mistakes in the rules',
    `  edit config/alerts.yml (who receives what), config/platform.yml (what is watched)
      and ${STACK_SETTINGS} (operator)`,
    `  ${commandLine('package --stage prod')}`,
    '      build what "deploy" would upload',
  ]
  return `${[
    ...part(isDry ? 'Would be written:' : 'Written:', written),
    ...part('Left unchanged:', left),
    ...(isDry ? [] : ['', ...next]),
  ].join('\n')}\n`
}
