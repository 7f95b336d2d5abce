import { readFileSync } from 'node:fs'
import type { Alert } from '../../schemas/alert.ts'
import { identityOf } from '../../shared/alert/identity.ts'
import type { SlackPayload } from '../../shared/channels/slack/message.ts'
import { render, type SlackAppPayload } from '../../shared/channels/slack-app/render.ts'
import { readConfig } from '../../shared/config/read.ts'
import { parsePublished } from '../../shared/parse/published.ts'
import { play } from '../../shared/player/player.ts'
import type { KindOfMessage, Step } from '../../shared/player/step.ts'
import { messageHtml, type Reader, STYLE, timeOf } from './slack-html.ts'

/*
 * An alert's life in Slack: an alarm of the made-up day (demo/day/) that nobody acknowledges for a while. The player says
 * what its channel is sent, and Slack's renderer how that reads. Pure, but for the files of the day.
 */

const NAME = 'checkout-unavailable'
const CHANNEL = 'incidents'
const READER: Reader = { zone: 'Europe/Berlin' }

interface Sent {
  at: number
  payload: SlackAppPayload
}

/** What the channel is sent, by what it is about. */
function lifeOf(): Map<KindOfMessage, Sent> {
  const config = readConfig('demo/day/alerts.yml')
  const events = readFileSync('demo/day/alarms.jsonl', 'utf8').trim().split('\n')
  const [fires, ends] = events.flatMap((event) => parsePublished(event)).filter(({ name }) => name === NAME) as [
    Alert,
    Alert,
  ]
  const at = ({ changedAt }: Alert) => Date.parse(changedAt)
  const steps: Step[] = [
    { kind: 'change', at: at(fires), alert: fires },
    { kind: 'acknowledge', at: Date.parse('2026-11-10T05:11:00Z'), alert: identityOf(fires), by: 'bob', via: 'slack' },
    { kind: 'change', at: at(ends), alert: ends },
  ]
  const { sent } = play(steps, { config, startsAt: at(fires) }, at(ends))
  const here = sent.filter(({ channel }) => channel === CHANNEL)
  return new Map(
    here.map(({ at, kind, notification }) => [kind, { at, payload: render(notification, { hasButtons: true }) }]),
  )
}

/** The page that the picture is taken of. */
export function lifeInSlack(): string {
  const life = lifeOf()
  const of = (kind: KindOfMessage) => life.get(kind) as Sent
  const [firing, reminder, acknowledged, resolved] = [of('firing'), of('reminder'), of('acknowledged'), of('resolved')]
  const { at } = firing
  const replies = { count: 1, lastAt: reminder.at }
  const edited = ({ payload }: Sent) =>
    messageHtml(payload.edit as SlackPayload, { at, isEdited: true, replies }, READER)
  const reply = reminder.payload.reply?.message as SlackPayload
  const thread = [
    messageHtml(firing.payload.whole, { at }, READER),
    '<div class="rule">1 reply</div>',
    messageHtml(reply, { at: reminder.at }, READER),
  ]
  const panes = [
    pane('Thread', `# ${CHANNEL}`, thread.join('\n')),
    ...[acknowledged, resolved].map((one) => pane(`# ${CHANNEL}`, timeOf(one.at, READER), edited(one))),
  ]
  return `<!doctype html><meta charset="utf-8"><title>${NAME}</title><style>${STYLE}</style><div class="grid">${panes.join('\n')}</div>\n`
}

function pane(title: string, beside: string, content: string): string {
  return `<div class="pane"><div class="title">${title}<span>${beside}</span></div>${content}</div>`
}
