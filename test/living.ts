import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { checkConfig } from '../shared/config/check.ts'
import { alarmChange, arnOf, type RouterByHand, startRouterByHand } from './router-by-hand.ts'

const fast = { perMinute: 60_000 }
export const SOURCE = {
  channels: {
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
    chat: { type: 'slack', secret: 'chat', ...fast },
    'chat-critical': { type: 'slack', secret: 'chat-critical', ...fast },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights', ...fast },
  },
  windows: { nights: { from: '22:00', to: '06:00' } },
  severities: {
    critical: { channels: ['pager', 'chat-critical'] },
    warning: { channels: ['chat'] },
    info: { channels: ['quiet'] },
  },
  rules: [
    { name: 'no data', when: { status: 'insufficient-data' }, severity: 'warning' },
    { name: 'warnings', when: { any: [{ name: '*-warning-*' }, { reason: '*warning*' }] }, severity: 'warning' },
    { name: 'quiet', when: { name: '*-quiet-*' }, severity: 'info' },
  ],
  default: { severity: 'critical' },
}

type Value = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'

/** Lives of alerts, by the real functions: each test has an alarm and days of its own, for time does not go back. */
export class Living {
  router!: RouterByHand
  alarm = ''
  #run = 0

  /** For all tests of the file; `source`: the rules that hold. */
  constructor(source: object = SOURCE, how: { awsMayFail?: boolean } = {}) {
    beforeAll(async () => {
      this.router = await startRouterByHand(checkConfig(structuredClone(source)), how)
    })
    afterAll(() => this.router.stop())
    beforeEach(async () => {
      await this.router.startAnew()
      this.called('api')
      const { slack, pagerduty } = this.router.engine
      for (const standIn of [slack, pagerduty]) {
        standIn.requests.length = 0
        standIn.answerBy()
      }
      this.at('10:00')
    })
  }

  /** The alarm of this test has a name that begins so. */
  called(prefix: string): void {
    if (prefix === 'api') this.#run++
    this.alarm = `${prefix}-${this.#run}`
  }

  /** A time of this test's day; of the next one from `24:00` on, and so on. */
  iso(time: string): string {
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number)
    return new Date(Date.UTC(2026, 10, 3 + 20 * this.#run, hours, minutes, seconds)).toISOString()
  }

  at(time: string): void {
    vi.setSystemTime(new Date(this.iso(time)))
  }

  change(value: Value, time: string, more?: object) {
    return alarmChange(this.alarm, value, this.iso(time), more)
  }

  /** Changes arrive at their time, and are processed: `ALARM 10:00`. */
  async come(...changes: `${Value} ${string}`[]): Promise<void> {
    for (const one of changes) {
      const [value, time = ''] = one.split(' ') as [Value, string]
      if (Date.parse(this.iso(time)) > Date.now()) this.at(time)
      await this.router.come(this.change(value, time))
      await this.router.work()
    }
  }

  state = () => this.router.state(arnOf(this.alarm))

  passUntil(time: string): Promise<void> {
    return this.router.passUntil(this.iso(time))
  }

  /** What Slack channels accepted: the channel and its headline's first word. */
  sentToSlack(): string[] {
    return this.router.engine.slack.requests
      .filter(({ status }) => status === 200)
      .map(({ path, body }) => `${path}: ${(body as { text: string }).text.split(/[:\s]/)[0]}`)
  }

  /** Of the alarm, or whose key has a part. */
  incidents(part = this.alarm) {
    return this.router.engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey.includes(part))
  }

  /** The states of the pager's incidents, and what Slack's channels received, when everything has settled. */
  async end(time = '11:30') {
    await this.passUntil(time)
    return { incidents: this.incidents().map(({ state }) => state), slack: this.sentToSlack() }
  }

  push(source: object): Promise<void> {
    return this.router.push(checkConfig(structuredClone(source)))
  }

  /** A fixed answer of a channel's stand-in; nothing: its usual ones. */
  pagerAnswers(status?: number, headers: Record<string, string> = {}): void {
    const body = { status: 'invalid event', message: 'no' }
    this.router.engine.pagerduty.answerBy(status === undefined ? undefined : () => ({ status, headers, body }))
  }

  slackAnswers(status?: number): void {
    this.router.engine.slack.answerBy(status === undefined ? undefined : () => ({ status }))
  }
}
