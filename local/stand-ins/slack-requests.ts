import { createHmac } from 'node:crypto'
import type { Sent } from './function-url.ts'

/*
 * What Slack sends an app: presses of buttons and slash commands, as forms, signed with their time. Slack sends each once, and
 * shows the person an error unless it is answered with 200 within three seconds.
 */

/** A form as Slack signs and sends it. `at`: ms since 1970. */
export function signedForm(form: Record<string, string>, secret: string, at: number, path = '/slack'): Sent {
  const body = new URLSearchParams(form).toString()
  const time = String(Math.floor(at / 1_000))
  const signature = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')
  return {
    path,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Slack-Request-Timestamp': time,
      'X-Slack-Signature': `v0=${signature}`,
    },
    body,
  }
}

const USER = { id: 'U024BE7LH', username: 'ann', name: 'ann', team_id: 'T9TK3CUKW' }
let presses = 0

/** What a press of a button says. `changes`: other fields of it. */
export function pressOf(action: Record<string, unknown>, at: number, changes: Record<string, unknown> = {}) {
  const n = ++presses
  return {
    type: 'block_actions',
    user: USER,
    api_app_id: 'A0123',
    team: { id: 'T9TK3CUKW', domain: 'acme' },
    container: { type: 'message', message_ts: '1764240000.000100', channel_id: 'C1', is_ephemeral: false },
    trigger_id: `${n}.222.333`,
    channel: { id: 'C1', name: 'alerts' },
    message: { type: 'message', ts: '1764240000.000100', text: 'an alert' },
    state: { values: {} },
    response_url: `https://hooks.slack.com/actions/T9TK3CUKW/${n}/xyz`,
    actions: [{ type: 'button', block_id: 'b', action_ts: (at / 1_000).toFixed(6), ...action }],
    ...changes,
  }
}

/** What a slash command says. */
export function commandOf(text: string, changes: Record<string, string> = {}): Record<string, string> {
  return {
    token: 'deprecated',
    team_id: 'T9TK3CUKW',
    team_domain: 'acme',
    channel_id: 'C1',
    channel_name: 'alerts',
    user_id: USER.id,
    user_name: USER.name,
    command: '/alerts',
    text,
    api_app_id: 'A0123',
    is_enterprise_install: 'false',
    response_url: 'https://hooks.slack.com/commands/T9TK3CUKW/1/xyz',
    trigger_id: `${++presses}.222.333`,
    ...changes,
  }
}
