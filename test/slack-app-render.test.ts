import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SLACK_MANIFEST } from '../cli/commands/slack.ts'
import type { Notification } from '../schemas/notification.ts'
import { pressedIn } from '../shared/answers/button.ts'
import { COMMAND_FORMS } from '../shared/answers/command-forms.ts'
import { manifestOf } from '../shared/channels/slack-app/manifest.ts'
import { render } from '../shared/channels/slack-app/render.ts'
import { commanded } from '../shared/inbox/command.ts'
import { deployment, firing, resolved } from './alert-samples.ts'
import { anyNotification } from './any-notification.ts'
import { here, named } from './command.ts'
import { expectDisarmed, expectWithinLimits, textsOf } from './slack-limits.ts'

/** What a Slack app is given to show: its messages, their buttons, and its manifest. */

const buttonsOf = (notification: Notification, hasButtons = true) =>
  render(notification, { hasButtons }).whole.attachments[0].blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements : [],
  )

test('any alert gives messages within Slack’s limits, in each form, with text that is disarmed', () => {
  fc.assert(
    fc.property(anyNotification, (notification) => {
      const { whole, edit, reply } = render(notification, { hasButtons: true })
      for (const { text, attachments } of [whole, edit ?? whole, reply?.message ?? whole]) {
        expect(text.length).toBeGreaterThan(0)
        const [{ blocks }] = attachments
        expectWithinLimits(blocks)
        expectDisarmed(blocks.flatMap(textsOf).map((one) => one.text))
      }
    }),
    { numRuns: 200 },
  )
})

describe('buttons', () => {
  test('to answer by come before those that lead to pages', () => {
    const ids = buttonsOf(firing).map(({ action_id: id }) => id)
    expect(ids).toEqual(['acknowledge', 'silence', 'alarm', 'logs', 'runbook'])
  })

  test('carry the alert’s key and its firing, as the inbox reads them', () => {
    const [acknowledge] = buttonsOf({ ...firing, alertKey: 'the key', firingSince: '2026-09-14T11:00:00.000Z' })
    const value = acknowledge && 'value' in acknowledge ? acknowledge.value : ''
    expect(pressedIn(value)).toEqual({ alert: 'the key', since: '2026-09-14T11:00:00.000Z' })
  })

  test.each<[string, Notification, boolean]>([
    ['where nobody could take the answer', firing, false],
    ['of what has resolved', resolved, true],
    ['of what happens once', { ...deployment, alert: { ...deployment.alert, once: true } }, true],
    ['of a key that leaves no room', { ...firing, alertKey: 'k'.repeat(1_001) }, true],
  ])('are left out %s', (_, notification, hasButtons) => {
    expect(buttonsOf(notification, hasButtons).filter((one) => 'value' in one)).toEqual([])
  })
})

describe('the manifest', () => {
  const INBOX = 'https://abc.lambda-url.eu-west-1.on.aws'
  const run = (...args: string[]) => here(named(SLACK_MANIFEST.name), args)

  test('asks for what is needed, and sends presses and commands to the inbox', async () => {
    const { code, stdout, stderr } = await run('--stage', 'prod', '--url', `${INBOX}/`)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('name: alert-router\n')
    expect(stdout.match(new RegExp(`${INBOX}/slack$`, 'gm'))).toHaveLength(2)
    const { oauth_config } = manifestOf('prod', INBOX)
    expect(oauth_config.scopes.bot).toEqual(['chat:write', 'channels:history', 'groups:history', 'commands'])
  })

  test('is the same as JSON', async () => {
    const { stdout } = await run('--stage', 'dev', '--url', INBOX, '--json')
    expect(JSON.parse(stdout)).toEqual(manifestOf('dev', INBOX))
  })

  test('of a stage without an inbox has neither buttons nor a command', () => {
    const { features, settings, oauth_config } = manifestOf('prod', undefined)
    expect(features).not.toHaveProperty('slash_commands')
    expect(settings.interactivity).toEqual({ is_enabled: false })
    expect(oauth_config.scopes.bot).not.toContain('commands')
  })

  test('keeps to Slack’s limits for names, whatever the stage is called', () => {
    const { display_information, features } = manifestOf('A'.repeat(60), INBOX)
    expect(display_information.name.length).toBeLessThanOrEqual(35)
    expect(features.slash_commands?.[0]?.command.length).toBeLessThanOrEqual(32)
    expect(features.slash_commands?.[0]?.command).toMatch(/^\/[a-z-]+$/)
  })

  test('says what one may write after the command: each of it is understood', () => {
    const [command] = manifestOf('prod', INBOX).features.slash_commands ?? []
    const hint = command?.usage_hint ?? ''
    const at = '2026-03-05T10:00:00.000Z'
    const done = hint.split(' | ').map((form) => {
      const whole = commanded(form.replace(/[[\]]/g, ''), at, '/alerts')
      const short = commanded(form.replace(/ \[.*\]/, ''), at, '/alerts')
      expect([whole, short]).toEqual(Array(2).fill(expect.objectContaining({ about: { alert: 'KEY' } })))
      return Object.keys('does' in whole ? whole.does : {})
    })
    expect(done).toEqual([['acknowledge', 'until'], ['resolve'], ['note'], ['silence', 'until', 'why']])
    for (const word of ['acknowledge', 'resolve', 'silence', 'note'])
      expect(command?.description.toLowerCase()).toContain(word)
    const usage = commanded('help', at, '/alerts')
    expect('text' in usage && usage.text.match(/\/alerts \w+ KEY/g)).toHaveLength(COMMAND_FORMS.length)
    expect(command?.description.length).toBeLessThanOrEqual(2_000)
    expect(hint.length).toBeLessThanOrEqual(1_000)
  })

  test.each([
    [[], 'Which stage is the app for?'],
    [['--stage', 'my stage'], 'use letters, digits and dashes'],
    [['--stage', 'prod', '--url', 'http://inbox'], 'the inbox has an https URL'],
  ])('%j says what is missing', async (args, said) => {
    const { code, stderr } = await run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(said)
  })
})
