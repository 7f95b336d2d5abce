import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rules } from './command.ts'

/** What a terminal says of a rule that notifies nobody, and of a channel that there is not. */
const REASON = 'it flaps each night, and is harmless'
const quiet = { name: 'quiet', when: { name: 'orders-*' }, severity: 'info', notify: { nobody: REASON } }
const byTeam = { name: 'by team', when: { 'tags.team': '*' }, severity: 'warning', channels: ['chat-{tags.team}'] }

describe('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nobody-'))
  const file = (name: string, rules: object[]) => {
    const path = join(folder, name)
    const slack = (secret: string) => ({ type: 'slack', secret })
    const to = { channels: ['chat'] }
    const severities = { critical: to, warning: to, info: to }
    writeFileSync(
      path,
      JSON.stringify({
        channels: { chat: slack('chat'), 'chat-orders': slack('orders') },
        severities,
        default: { severity: 'info' },
        rules,
      }),
    )
    return path
  }
  const after = file('after.yml', [quiet, byTeam])

  test('explain names the reason', async () => {
    const { stdout } = await rules(['explain', '--config', after, '--set', 'name=orders-db'])
    expect(stdout).toContain(`→ info, by rule "quiet", to nobody: ${REASON}`)
    expect(stdout).toMatch(new RegExp(`nobody {4}${REASON}\\s+rule "quiet"`))
  })

  test('the tree shows it in place of channels', async () => {
    const { stdout } = await rules(['tree', '--config', after])
    expect(stdout).toContain(`1  quiet  → nobody: ${REASON}`)
  })

  test('explain names the channel that there is not', async () => {
    const { stdout } = await rules(['explain', '--config', after, '--set', 'name=a', '--set', 'tags.team=x'])
    expect(stdout).toContain('Note: no channel chat-x: sent to chat\n')
  })

  test('a case expects no channels', async () => {
    const cases = join(folder, 'cases.yml')
    writeFileSync(
      cases,
      JSON.stringify([{ name: 'a', alert: { name: 'orders-db' }, expect: { rule: 'quiet', channels: [] } }]),
    )
    expect(await rules(['test', '--config', after, cases])).toMatchObject({ code: 0 })
  })
})
