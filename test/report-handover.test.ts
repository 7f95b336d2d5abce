import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import type { Alert } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import { acknowledge } from '../shared/decide/acknowledge.ts'
import { changeAlert } from '../shared/store/alerts.ts'
import { changeSilences } from '../shared/store/silences.ts'
import { firing } from './alert-samples.ts'
import { here, named } from './command.ts'
import { expectShown } from './doc-pages.ts'
import { Life } from './kept-life.ts'
import { startLocalEngine } from './local-engine.ts'
import { silenceOf } from './silences.ts'

/*
 * `report handover`: what the next one on call reads, at 07:30 in UTC, after a night.
 */

const NOW = '2026-11-27T07:30:00.000Z'
const TMPDIR = mkdtempSync(join(tmpdir(), 'handover-'))
const config = checkConfig({
  channels: {
    pager: { type: 'slack', secret: 'pager' },
    chat: { type: 'slack', secret: 'chat' },
    lead: { type: 'email', addresses: ['lead@example.com'] },
  },
  severities: {
    critical: { channels: ['pager'], escalate: [{ after: '15m', to: ['lead'] }] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  rules: [
    { name: 'warned', when: { name: 'disk*' }, severity: 'warning' },
    { name: 'said', when: { name: 'deployed*' }, severity: 'info' },
    { name: 'nobody', when: { name: 'known*' }, severity: 'warning', notify: { nobody: 'harmless' } },
  ],
  default: { severity: 'critical' },
})

let engine: Engine
beforeAll(async () => {
  engine = await startLocalEngine(config)
  vi.stubEnv('TMPDIR', TMPDIR)
  announceRouter(engine.environment)
  vi.unstubAllEnvs()
  Object.assign(process.env, engine.environment)
})
afterAll(async () => {
  rmSync(TMPDIR, { recursive: true })
  await engine.stop()
})

/** An alert of that night, or of the day before: `fires('cpu', '03:12')`. */
class Night {
  readonly #alert: Alert
  readonly #life: Life
  readonly #changes = new Map<string, Alert>()

  constructor(name: string, more: Partial<Alert> = {}) {
    const fingerprint = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`
    this.#alert = { ...firing.alert, fingerprint, name, title: name, ...more }
    this.#life = Life.of(this.#alert, config)
  }

  async is(status: Alert['status'], time: string): Promise<this> {
    const alert = { ...this.#alert, status, changedAt: at(time).toISOString() }
    this.#changes.set(await this.#life.comes(alert, at(time, 1)), alert)
    return this
  }

  /** The channel has accepted it, a second later. */
  async sent(channel: string, time: string): Promise<this> {
    await this.#life.notified(channel, at(time, 6))
    return this
  }

  async refused(channel: string, time: string, reason: string): Promise<this> {
    await this.#life.fails(channel, at(time, 2), 'dead-lettered', reason)
    return this
  }

  async passes(time: string): Promise<this> {
    await this.#life.passes(at(time, 5), config, this.#changes)
    return this
  }

  async acknowledged(by: string, time: string): Promise<this> {
    const said = { by, via: 'slack', at: at(time).toISOString() } as const
    await changeAlert(this.#alert.fingerprint, (state) => ({
      state: state && acknowledge(state, said, config, at(time)).state,
      result: undefined,
    }))
    return this
  }
}

/** A time of the night: from 12:00 on it is that of the day before. */
function at(time: string, seconds = 0): Date {
  const day = time >= '12:00' ? 26 : 27
  return new Date(Date.parse(`2026-11-${day}T${time}:00.000Z`) + seconds * 1_000)
}

const run = (...args: string[]) =>
  here(named('report'), ['handover', '--platform', 'none.yml', ...args], {
    env: { TMPDIR, COLUMNS: '120', NO_COLOR: '1' },
    now: NOW,
  })

describe('of the router that runs here, after a night', () => {
  beforeAll(async () => {
    await new Night('orders-errors')
      .is('firing', '03:12')
      .then((one) => one.sent('pager', '03:12'))
      .then((one) => one.passes('03:27'))
      .then((one) => one.sent('lead', '03:27'))
    await new Night('orders-slow')
      .is('firing', '02:00')
      .then((one) => one.sent('pager', '02:00'))
      .then((one) => one.acknowledged('ann', '02:04'))
      .then((one) => one.sent('pager', '02:04'))
    await new Night('stock-errors')
      .is('firing', '23:00')
      .then((one) => one.sent('pager', '23:00'))
      .then((one) => one.is('resolved', '23:05'))
      .then((one) => one.sent('pager', '23:05'))
      .then((one) => one.is('firing', '01:00'))
      .then((one) => one.sent('pager', '01:00'))
      .then((one) => one.acknowledged('bob', '01:01'))
      .then((one) => one.sent('pager', '01:01'))
      .then((one) => one.is('resolved', '01:05'))
    await new Night('disk-full').is('firing', '04:00').then((one) => one.refused('chat', '04:00', 'no such channel'))
    await new Night('known-noise').is('firing', '05:00')
    await new Night('deployed-shop').is('firing', '06:00').then((one) => one.sent('chat', '06:00'))
    await new Night('disk-old').is('firing', '13:00').then((one) => one.sent('chat', '13:00'))
    await new Night('drilled', { drill: '2026-11-27-0000d1' }).is('firing', '06:30')
    await new Night('heartbeat', { source: 'alert-router.heartbeat', once: true }).is('firing', '06:40')
    await changeSilences(() => [
      silenceOf({
        ...{ id: 'k3x9qf', when: { name: 'disk-old' }, about: 'name: disk-old', by: 'ann', why: 'new disk' },
        ...{ at: at('06:00').toISOString(), until: at('11:30').toISOString() },
      }),
      silenceOf({ id: 'over22', at: at('06:00').toISOString(), until: at('07:00').toISOString() }),
    ])
  })

  test('says what is open, silenced, fired, not acknowledged, escalated and not delivered', async () => {
    const { stdout, stderr, code } = await run()
    expect([stderr, code]).toEqual(['', 1])
    // Without any …: all of it.
    expectShown('docs/reports.md', 'test/report-handover.test.ts', stdout)
  })

  test('--since: of that time alone, but for what is still not delivered', async () => {
    const { stdout } = await run('--since', '3h', '--json')
    const report = JSON.parse(stdout)
    expect(report.headline).toBe('6 open, 5 not acknowledged; 1 silence; 1 fired since 04:30; 1 not delivered.')
    const of = Object.fromEntries(report.sections.flatMap(({ answers }: { answers: [] }) => answers).map(keyed))
    expect(of.fired.items).toEqual(['warning known-noise, since 05:00, nobody was notified'])
    expect(of['never acknowledged'].says).toBe('none')
  })

  test('--markdown: to be pasted', async () => {
    const { stdout, code } = await run('--markdown')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^# Handover\n\nhere, Fri 2026-11-27 07:30 \(UTC\)\. \*\*6 open, 5 not acknowledged;/)
    expect(stdout).toContain('\n- critical orders-slow since 02:00 (5 h 30 min), acknowledged by ann\n')
  })

  test('next steps: what happens if nobody reacts', async () => {
    await new Night('new-errors').is('firing', '07:25').then((one) => one.sent('pager', '07:25'))
    const { stdout } = await run()
    expect(stdout).toContain('critical new-errors since 07:25 (5 min), not acknowledged. 07:40 escalates to lead')
  })

  test.each<[string, string[], string]>([
    ['in the future', ['--since', '2026-11-28'], '--since 2026-11-28: that is yet to come'],
    ['for too long', ['--since', '60d'], '--since: a report is about 1 to 30 days, and this would be 60'],
    ['sent from here', ['--send'], '--send needs a stage, as in --stage prod'],
    ['in two forms', ['--markdown', '--json'], 'cannot be used with'],
  ])('%s: refused', async (_, args, why) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) })
  })
})

const keyed = (one: { id: string }) => [one.id, one] as const

describe('what began to fire before the shift', () => {
  const items = async () => {
    const report = JSON.parse((await run('--json')).stdout)
    const all = report.sections.flatMap(({ answers }: { answers: [] }) => answers)
    return Object.fromEntries(all.map(keyed))
  }
  const sent = async (one: Night, status: Alert['status'], time: string) =>
    (await one.is(status, time)).sent('pager', time)

  test('and is escalated in it is among the escalated, and not among what fired in it', async () => {
    const one = await sent(new Night('early-errors'), 'firing', '19:20')
    await (await one.passes('19:35')).sent('lead', '19:35')
    const { escalated, fired } = await items()
    expect(escalated.items).toContain('early-errors to lead at Thu 19:35')
    expect(fired.items).not.toContainEqual(expect.stringContaining('early-errors'))
  })

  test.each([
    ['acknowledged', true],
    ['not acknowledged', false],
  ])('and is %s, goes on, and ends in it: that is known', async (_, isAcknowledged) => {
    const name = `slow-${isAcknowledged}`
    const one = await sent(new Night(name), 'firing', '18:00')
    if (isAcknowledged) await (await one.acknowledged('ann', '18:02')).sent('pager', '18:02')
    await sent(one, 'firing', '21:00')
    await sent(one, 'resolved', '21:30')
    const { fired, 'never acknowledged': never } = await items()
    expect(fired.items).not.toContainEqual(expect.stringContaining(name))
    expect(never.items.includes(`critical ${name}`)).toBe(!isAcknowledged)
  })
})
