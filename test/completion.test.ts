import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SPECS } from '../cli/commands.ts'
import { completionFor, SHELLS, type Shell } from '../cli/frame/completion.ts'

/** What a shell offers when Tab is pressed. */

const folder = mkdtempSync(join(tmpdir(), 'completion-'))
writeFileSync(join(folder, 'mine.yml'), '')

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

function ran(shell: string, args: string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', cwd: folder, ...(input && { input }) })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

function scriptFor(shell: Shell): string {
  const file = join(folder, `script.${shell}`)
  writeFileSync(file, completionFor(shell, SPECS))
  return file
}

/** The last word is the one being typed. */
function offeredBy(shell: 'bash' | 'fish', words: string[]): string[] {
  const line = ['alert-router', ...words]
  const typed =
    shell === 'bash'
      ? `. ${scriptFor('bash')}
         COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}
         _alert_router; printf '%s\n' "\${COMPREPLY[@]}"`
      : `source ${scriptFor('fish')}; complete -C '${line.join(' ')}'`
  const lines = ran(shell, ['-c', typed]).trim().split('\n')
  return lines.map((one) => one.split('\t')[0] as string)
}

const TYPED: [words: string[], offered: string[]][] = [
  [['repl'], ['replay']],
  [['rules', 'c'], ['check']],
  [
    ['rules', ''],
    ['check', 'explain', 'tree', 'fmt', 'test', 'plan', 'push', 'diff', 'versions'],
  ],
  [['dead-letters', 're'], ['redrive']],
  [['help', 'rules', 'pl'], ['plan']],
  [['rules', 'check', '--str'], ['--strict']],
  [['rules', 'push', '--stage', 'prod', '--roll'], ['--rollback']],
  [['rules', 'check', '--config', 'm'], ['mine.yml']],
  [['rules', 'fmt', 'mi'], ['mine.yml']],
]

describe.each(['bash', 'fish'] as const)('%s', (shell) => {
  test.skipIf(!has(shell)).each(TYPED)('completes %j', (words, offered) => {
    expect(offeredBy(shell, words).sort()).toEqual([...offered].sort())
  })

  test.skipIf(!has(shell))('offers every command, and nothing where a value is up to the user', () => {
    const names = new Set(SPECS.map(({ name }) => name.split(' ')[0] as string))
    expect(offeredBy(shell, [''])).toEqual(expect.arrayContaining([...names, 'help']))
    expect(offeredBy(shell, ['history', '--stage', ''])).toEqual([''])
  })
})

describe.each(SHELLS)('the script for %s', (shell) => {
  test.skipIf(!has(shell))('can be read by it', () => {
    expect(ran(shell, ['-n', scriptFor(shell)])).toBe('')
  })

  test('has every command and every option', () => {
    const script = completionFor(shell, SPECS)
    for (const { name, options } of SPECS) {
      expect(script).toContain(name)
      for (const option of Object.keys(options))
        expect(script).toContain(shell === 'fish' ? `-l ${option} ` : `--${option}`)
    }
  })
})
