import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { watchRules } from '../cli/replay/watch.ts'
import { readConfigText } from '../shared/config/read.ts'
import { expectShown } from './doc-pages.ts'

const SHIPPED = readFileSync('config/alerts.yml', 'utf8')

test('each edit of the rules is replayed, and its changes are printed; a broken edit is reported and changes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'))
  const file = join(folder, 'alerts.yml')
  writeFileSync(file, SHIPPED)
  const args = [
    'cli/alert-router.ts',
    'replay',
    '--watch',
    '--config',
    file,
    'samples/deployment-failed.json',
    'samples/data-loss-1-alarm.json',
  ]
  const child = spawn(process.execPath, args, { env: { ...process.env, TMPDIR: folder } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const isPrinted = (text: string) => vi.waitFor(() => expect(output).toContain(text), 20_000)
  /** Edits the file; returns what is printed from then on. */
  const edit = async (text: string, printed: string) => {
    output = ''
    writeFileSync(file, text)
    await isPrinted(printed)
    return output
  }

  await isPrinted('until Ctrl-C')
  const renamed = SHIPPED.replace('name: deployment failed', 'name: failed deployment')
  expectShown('docs/replay.md', 'test/replay-watch.test.ts', await edit(renamed, '1 of 2 alerts changes.'))

  const broken = await edit(renamed.replace('name: data loss', 'nmae: data loss'), 'The previous rules stay active.')
  expect(broken).toMatch(/alerts\.yml:\d+:\d+: rules\[\d\]/)

  const channel = 'channels:\n  mail-night: { type: email, addresses: [night@example.com] }'
  expect(await edit(SHIPPED.replace(/^channels:/m, channel), 'start it again')).toContain('"mail-night"')

  // Compared with the last valid rules.
  expect(await edit(SHIPPED, '1 of 2 alerts changes.')).toContain('- warning, by "failed deployment"')
  await edit(`${SHIPPED}# a comment\n`, 'Nothing changes for 2 alerts.')

  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  expect(code).toBe(130)
})

test('an edit during the first replay is reported too', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'watch-')), 'alerts.yml')
  writeFileSync(path, `${SHIPPED}# a comment\n`)
  const first = { path, texts: [{ path, text: SHIPPED }], config: readConfigText(SHIPPED, path), outcomes: [] }
  const stop = new AbortController()
  const reports: string[] = []
  const report = (text: string) => {
    reports.push(text)
    stop.abort()
  }
  await watchRules(first, async () => [], report, stop.signal)
  expect(reports).toEqual(['Nothing changes for 0 alerts.'])
})
