import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../engine.ts'
import { commandOf, pressOf, type Sent, type SlackMessage, signedForm, urlEvent } from '../stand-ins/index.ts'
import { PREFIX } from '../topology.ts'
import { marksIn, type RunAlarm } from './alarms.ts'
import type { Random } from './random.ts'
import type { Workers } from './workers.ts'

/** What Slack signs its requests with. */
const SIGNING_SECRET = 'a-signing-secret-of-slack'
/** After this, Slack shows an error to whoever has pressed. */
const SLACK_WAITS_MS = 3_000
const LOOK_EVERY_MS = 100
/** Until somebody has read a message, or an error. */
const READING_MS = 300
const SLOWEST_MS = 1_800
/** Whoever has seen so many errors calls somebody. */
const MOST_TRIES = 60

/** What became of somebody's answer to a firing. */
export interface Answered {
  alarm: RunAlarm
  /** How often Slack has shown an error. */
  refused: number
  /** Slack has shown none at last. */
  isTaken: boolean
}

/** Somebody called ann, who reads Slack's channel and acknowledges what fires. */
export interface People {
  /**
   * Answers each of these alarms soon after its firing is in Slack; once more after each error, but for some, who give up at
   * the first. @returns when all have, or at `deadline` (performance.now): those that are missing were not seen.
   */
  answerAll(alarms: RunAlarm[], deadline: number): Promise<Answered[]>
  /** Acknowledges an alarm that is in Slack, again after each error. @returns whether Slack showed none at last. */
  acknowledge(alarm: RunAlarm): Promise<boolean>
}

/** By the button of a message; where it has none, as in a digest, by the command that does the same. */
export function peopleAt({ engine, workers, random }: Parts): People {
  engine.secrets.set(`${PREFIX}/slack-signing`, SIGNING_SECRET)
  const { messages } = engine['slack-app']
  const seen = new Map<string, SlackMessage>()
  let read = 0
  function look(): void {
    for (; read < messages.length; read++) {
      const message = messages[read]
      if (message) for (const mark of marksIn(JSON.stringify(message.attachments))) seen.set(mark, message)
    }
  }

  async function press(alarm: RunAlarm): Promise<boolean> {
    look()
    const sent = requestFor(alarm, seen.get(alarm.fires.mark), workers.now())
    const late = sleep(SLACK_WAITS_MS, undefined, { ref: false })
    const answer = await Promise.race([workers.ask(urlEvent(sent)), late])
    return (answer as { statusCode?: number } | undefined)?.statusCode === 200
  }

  async function answer(alarm: RunAlarm, isPatient: boolean): Promise<Answered> {
    for (let refused = 0; ; refused++) {
      await sleep(READING_MS + random.int(SLOWEST_MS - READING_MS))
      if (await press(alarm)) return { alarm, refused, isTaken: true }
      if (!isPatient || refused === MOST_TRIES) return { alarm, refused: refused + 1, isTaken: false }
    }
  }

  return {
    async acknowledge(alarm) {
      for (let tries = 0; tries < MOST_TRIES; tries++) if (await press(alarm)) return true
      return false
    },
    async answerAll(alarms, deadline) {
      const unseen = new Set(alarms)
      const answers: Promise<Answered>[] = []
      while (unseen.size > 0 && performance.now() < deadline) {
        look()
        for (const alarm of unseen) {
          if (!seen.has(alarm.fires.mark)) continue
          unseen.delete(alarm)
          answers.push(answer(alarm, random.int(5) > 0))
        }
        await sleep(LOOK_EVERY_MS)
      }
      return Promise.all(answers)
    },
  }
}

interface Parts {
  engine: Engine
  workers: Workers
  random: Random
}

function requestFor({ fingerprint }: RunAlarm, message: SlackMessage | undefined, at: number): Sent {
  const value = message && buttonIn(message)
  const form =
    value === undefined
      ? commandOf(`ack ${fingerprint}`)
      : { payload: JSON.stringify(pressOf({ action_id: 'acknowledge', value }, at)) }
  return signedForm(form, SIGNING_SECRET, at)
}

/** The value of a message's button that acknowledges. */
function buttonIn({ attachments }: SlackMessage): string | undefined {
  const blocks = (attachments as { blocks?: { elements?: Fields[] }[] }[]).flatMap(({ blocks = [] }) => blocks)
  const elements = blocks.flatMap(({ elements = [] }) => elements)
  return elements.find(({ action_id: id }) => id === 'acknowledge')?.value
}

type Fields = { action_id?: string; value?: string }
