import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { here } from './command.ts'
import { events, type Run, replay } from './replaying.ts'

async function serverWith(answer: (n: number) => number) {
  const bodies: unknown[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    bodies.push(JSON.parse(await text(request)))
    response.statusCode = answer(bodies.length)
    response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, bodies, close: () => server.close() }
}

/** Rules that make everything a warning for one Slack channel, with more options of that channel. */
function rulesFile(slack: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'mine.yml')
  writeFileSync(
    file,
    `channels:
  team: { type: slack, secret: team${slack} }
  mail: { type: email, addresses: [team@example.com] }
severities:
  critical: { channels: [team] }
  warning: { channels: [team] }
  info: { channels: [team] }
default: { severity: warning }
rules: []
`,
  )
  return file
}

// Without its own thread, which takes longer to start than everything else; replay-watch.test.ts has one.
vi.mock('../local/engine-thread.ts', async () => (await import('./replaying.ts')).engineInThisThread())

// Nothing here calls other machines, and each replay would reload all certificates.
beforeAll(() => tls.setDefaultCACertificates([]))

describe('another rules file', () => {
  test('decides instead', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'mine.yml')
    writeFileSync(
      file,
      `channels:
  mine: { type: slack, secret: mine }
severities:
  critical: { channels: [mine] }
  warning: { channels: [mine] }
  info: { channels: [mine] }
default: { severity: info }
rules: [{ name: everything, when: { name: "*" }, severity: critical }]
`,
    )
    const run = await replay(['--json', '--config', file, 'samples/usage-report.json'])
    expect(run.lines).toMatchObject([{ severity: 'critical', rule: 'everything', deliveries: [{ channel: 'mine' }] }])
  })

  test('with an error is reported with its line, and nothing is sent', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'bad.yml')
    writeFileSync(file, 'channels: {}\nrulez: []\n')
    const run = await replay(['--config', file])
    expect(run.code).toBe(1)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain(`${file}:2:1: rulez: unknown key "rulez". Did you mean "rules"?`)
    expect(run.stderr).not.toContain('    at ')
  })
})

describe('a held alert', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16)
  const [YESTERDAY, TOMORROW, LATER] = [inDays(-1), inDays(1), inDays(2)]
  const UNTIL = TOMORROW.replace('T', ' ')
  const event = (title: string, severity: string, status = 'firing', time = 10) =>
    JSON.stringify({ title, id: title, severity, status, time: `2026-11-03T${time}:00:00Z` })

  function heldRules(): string {
    const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'held.yml')
    const chat = { type: 'slack', secret: 'chat' }
    const config = {
      windows: { today: { from: YESTERDAY, to: TOMORROW }, tomorrow: { from: TOMORROW, to: LATER } },
      channels: { chat, muted: { ...chat, mute: 'today' } },
      severities: {
        critical: { channels: ['chat', 'muted'] },
        warning: { channels: ['chat'] },
        info: { channels: ['chat'], active: 'tomorrow' },
      },
      inhibit: [{ name: 'one cause', when: { title: 'cause' }, mutes: { title: 'effect' } }],
      maintenance: [{ name: 'move', window: 'today', covers: { title: 'moving*' } }],
      default: { severity: 'warning' },
      rules: [{ name: 'as it says', when: { title: '*' }, severity: '{declaredSeverity}', otherwise: 'warning' }],
    }
    writeFileSync(file, JSON.stringify(config))
    return file
  }

  const EVENTS = [
    event('by its channel', 'critical'),
    event('by its severity', 'info'),
    event('moving house', 'warning'),
    event('over meanwhile', 'info'),
    event('over meanwhile', 'info', 'resolved', 11),
  ].join('\n')

  test('of which nobody knows until when says what holds it', async () => {
    const both = [event('cause', 'warning'), event('effect', 'warning')].join('\n')
    const args = ['--config', heldRules()]
    const { lines } = await replay([...args, '--json', '-'], both)
    const held = { channel: 'chat', status: 'held', why: 'inhibited by "one cause" while "cause" fires' }
    expect(lines.map(({ deliveries }) => deliveries)).toMatchObject([[{ status: 'delivered' }], [held]])
    const { stdout } = await replay([...args, '-'], both)
    expect(stdout).toContain('○ chat: held, inhibited by')
    expect(stdout).toContain('· 1 held')
  })

  test('is not waited for: it says until when and why, and the rest is sent', async () => {
    const args = ['--config', heldRules()]
    const json = await replay([...args, '--json', '-'], EVENTS)
    const table = await replay([...args, '-'], EVENTS)
    const shown = await replay([...args, '--show', '-'], EVENTS)
    const held = (channel: string, why: string) => ({ channel, status: 'held', until: `${TOMORROW}:00.000Z`, why })
    expect(json.lines.map(({ deliveries }) => deliveries)).toMatchObject([
      [{ channel: 'chat', status: 'delivered' }, held('muted', 'within today')],
      [held('chat', 'outside tomorrow')],
      [held('chat', 'within move')],
      [{ ...held('chat', 'outside tomorrow'), status: 'superseded' }],
      [],
    ])
    expect(table.stdout).toContain('= chat: held and never sent')
    expect(table.stdout).toContain('· 3 held · 1 held and never sent')
    expect(table.stdout).not.toContain('overtaken')
    expect(shown.stdout).toContain(
      `held until ${UNTIL} UTC, outside tomorrow; superseded before that, and never sent\n`,
    )
    expect(table.stdout.replace(/[ │]+/g, ' ')).toContain(`○ chat: held until ${UNTIL.slice(0, 10)}`)
    expect(table.stdout).toContain('3 held')
    expect(shown.stdout).toContain(`chat (slack): held until ${UNTIL} UTC, outside tomorrow\n`)
    expect([json.code, table.code, shown.code]).toEqual([0, 0, 0])
  })
})

describe('a server of the user’s', () => {
  /** Your server gets the key; no output does. */
  function withoutKey(body: unknown) {
    return { ...(body as object), routing_key: undefined }
  }

  test('receives what Slack would receive, once', async () => {
    const server = await serverWith(() => 200)
    const run = await replay([
      '--json',
      '--channel-url',
      `slack=${server.url}`,
      'samples/processing-latency-1-alarm.json',
    ])
    server.close()
    expect(run.code).toBe(0)
    expect(server.bodies).toHaveLength(1)
    expect(run.lines[0]?.deliveries[0]?.request).toEqual(server.bodies[0])
  })

  test.each(['pagerduty', 'slack-critical'])('receives only what the channel %s receives', async (channel) => {
    const server = await serverWith(() => 202)
    const run = await replay(['--json', '--channel-url', `${channel}=${server.url}`, 'samples/data-loss-1-alarm.json'])
    server.close()
    expect(run.code).toBe(0)
    const { request } = run.lines[0]?.deliveries.find((one) => one.channel === channel) ?? {}
    expect(server.bodies.map(withoutKey)).toEqual([withoutKey(request)])
  })

  test('that fails once is retried, and other deliveries are not repeated', async () => {
    const server = await serverWith((n) => (n === 1 ? 500 : 200))
    const run = await replay(['--json', '--channel-url', `slack=${server.url}`, 'samples/high-error-rate-1-alarm.json'])
    server.close()
    expect(server.bodies).toHaveLength(2)
    expect(run.lines[0]?.deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered'])
    expect(run.code).toBe(0)
  })

  test('that rejects permanently gives a dead letter, with the reason, and exit code 1', async () => {
    const server = await serverWith(() => 400)
    const run = await replay(['--json', '--channel-url', `slack=${server.url}`, 'samples/high-error-rate-1-alarm.json'])
    server.close()
    expect(server.bodies).toHaveLength(1)
    expect(run.lines[0]?.deliveries).toMatchObject([
      { channel: 'slack-warning', status: 'dead-lettered', error: expect.stringContaining('400') },
      // Sent as its fallback, and by the rule.
      { channel: 'email', status: 'delivered', fallbackFor: 'slack-warning' },
      { channel: 'email', status: 'delivered' },
    ])
    expect(run.code).toBe(1)
  })
})

describe('with --digests', () => {
  let run: Run
  beforeAll(async () => {
    run = await replay(['--json', '--digests', '--config', rulesFile(''), '-'], events(12))
  })

  test('alerts that arrive together are sent together, and each names its digest', () => {
    expect(run.code).toBe(0)
    const deliveries = run.lines.flatMap((line) => line.deliveries)
    expect(deliveries.map(({ status }) => status)).toEqual(Array(12).fill('delivered'))
    const digests = Map.groupBy(deliveries, ({ digest }) => digest?.id)
    expect(digests.size).toBeLessThan(12)
    for (const [id, carried] of digests) {
      if (id === undefined) continue
      expect(carried).toHaveLength(carried[0]?.digest?.of ?? 0)
      // Its message is shown once, not with each of its alerts.
      expect(carried.filter(({ request }) => request !== undefined)).toHaveLength(1)
    }
  })

  test('its message names each alert', () => {
    const sent = JSON.stringify(run.lines.flatMap((line) => line.deliveries.map(({ request }) => request ?? '')))
    for (let n = 0; n < 12; n++) expect(sent).toContain(`job ${n} failed`)
  })
})

test('without --digests each alert’s own message is shown, however many arrive together', async () => {
  const { lines } = await replay(['--json', '--config', rulesFile(''), '-'], events(12))
  for (const { alert, deliveries } of lines) {
    expect(deliveries).toMatchObject([{ status: 'delivered', request: expect.anything() }])
    expect(JSON.stringify(deliveries)).toContain(alert.title)
    expect(deliveries[0]).not.toHaveProperty('digest')
  }
})

test('a fallback delivery is shown beside the channel that it replaces', async () => {
  const server = await serverWith(() => 404)
  const args = ['--config', rulesFile(', fallback: mail'), '--channel-url', `slack=${server.url}`, '-']
  const { lines, code } = await replay(['--json', ...args], events(1))
  const { stdout } = await replay(args, events(1))
  server.close()
  expect(lines[0]?.deliveries).toMatchObject([
    { channel: 'team', status: 'dead-lettered', error: expect.stringContaining('404') },
    { channel: 'mail', status: 'delivered', fallbackFor: 'team', request: { text: expect.stringContaining('job 0') } },
  ])
  expect(code).toBe(1)
  expect(stdout).toContain('mail (fallback of team)')
})

test('with --record it records what it has replayed, each event once', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'replay-'))
  const args = ['--config', resolve('config/alerts.yml'), '--record', resolve('samples/usage-report.json')]
  expect((await replay(args, '', {}, cwd)).stderr).toContain('Recorded in .alert-router/archive/: 1.')
  expect((await replay(args, '', {}, cwd)).stderr).toContain(
    'Recorded in .alert-router/archive/: 0, 1 already recorded.',
  )
})

describe('with --keep', () => {
  /** A command in another process than the replay's, as if it were the first there. */
  async function command(name: string, args: string[], TMPDIR: string) {
    vi.resetModules()
    const { main } = await import('../cli/main.ts')
    const { stdout, stderr } = await here(main, [name, ...args], { env: { TMPDIR } })
    return stdout + stderr
  }

  test('it runs until Ctrl-C: history can be read, and dead letters redriven', async () => {
    const TMPDIR = mkdtempSync(join(tmpdir(), 'keep-'))
    let status = 404
    const server = await serverWith(() => status)
    const args = ['--keep', '--config', rulesFile(''), '--channel-url', `slack=${server.url}`, '-']
    const child = spawn(process.execPath, ['cli/alert-router.ts', 'replay', ...args], {
      env: { ...process.env, TMPDIR },
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdin.end(`${events(1)}\n{"Records":[]}`)
    child.stdout.resume()
    for await (const chunk of child.stderr) if (String(chunk).includes('keeps running')) break

    expect(await command('history', ['job 0 failed'], TMPDIR)).toMatch(/team +dead letter: .* 404/)
    // Events that the replay rejected are there too.
    expect(await command('dead-letters', ['list'], TMPDIR)).toMatch(
      /alarms[\s\S]*job 0 failed|job 0 failed[\s\S]*alarms/,
    )
    expect(await command('replay', ['--keep'], TMPDIR)).toContain('a router runs here already')

    status = 200
    expect(await command('dead-letters', ['redrive', '--all'], TMPDIR)).toContain('Redriven:')
    let history = ''
    while (!history.includes('delivered')) history = await command('history', ['job 0 failed'], TMPDIR)
    expect(server.bodies).toHaveLength(2)

    child.kill('SIGINT')
    expect(await ended).toBe(130)
    server.close()
    expect(await command('history', ['job 0 failed'], TMPDIR)).toContain('No router runs on this machine')
  })
})
