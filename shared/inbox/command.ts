import { COMMAND_FORMS } from '../answers/command-forms.ts'
import { oneLine, shorten } from '../channels/outside-text.ts'
import { durationMs } from '../decide/duration.ts'
import { noteIn, type Wish, whyIn } from './wish.ts'

/*
 * The slash command's words. An alert is named by its key, as `alert-router history` shows it: a name may be that of many.
 * Pure.
 */

type Wanted = Pick<Wish, 'does'> & { about: { alert: string } }

/** How long an acknowledgement or a silence may last. */
const MAX_MS = 30 * 86_400_000
/** Before the last word. */
const FOR = / for (?=\S+$)/
const DURATION = /^\d{1,6}[smhd]$/

/** What is wanted, or the text that answers it. `name`: the command as it was typed. */
export function commanded(typed: string, at: string, name: string): Wanted | { text: string } {
  const [verb = '', ...rest] = oneLine(typed).split(' ')
  const called = shorten(oneLine(name), 40) || '/alert-router'
  const said = rest.join(' ')
  switch (verb.toLowerCase()) {
    case 'ack':
    case 'acknowledge':
      return acknowledged(said, at, called)
    case 'resolve':
      return said === '' ? { text: usage(called) } : { about: { alert: said }, does: { resolve: true } }
    case 'note':
      return noted(said, called)
    case 'silence':
      return silenced(said, at, called)
    default:
      return { text: usage(called) }
  }
}

function acknowledged(said: string, at: string, called: string): Wanted | { text: string } {
  if (said === '') return { text: usage(called) }
  const [alert = said, time] = said.split(FOR)
  if (time === undefined) return { about: { alert }, does: { acknowledge: true } }
  const until = untilIn(time, at)
  return until === undefined ? noDuration(time, called) : { about: { alert }, does: { acknowledge: true, until } }
}

/** The key ends where the first duration begins; all after that is the reason. */
const SILENCE = /^(.+?) (?:for )?(\d{1,6}[smhd])(?::? (.+))?$/

function silenced(said: string, at: string, called: string): Wanted | { text: string } {
  const [, alert = '', time = '', why] = SILENCE.exec(said) ?? []
  if (alert === '') return { text: usage(called) }
  const until = untilIn(time, at)
  if (until === undefined) return noDuration(time, called)
  if (why === undefined) return { text: `A silence needs a reason: ${called} silence KEY ${time} WHY` }
  return { about: { alert }, does: { silence: true, until, why: whyIn(why) } }
}

/** So long after it was said; `undefined`: it is no duration, or too long. */
function untilIn(time: string, at: string): string | undefined {
  const ms = DURATION.test(time) ? durationMs(time) : Number.NaN
  return ms > 0 && ms <= MAX_MS ? new Date(Date.parse(at) + ms).toISOString() : undefined
}

function noDuration(time: string, called: string): { text: string } {
  return { text: `"${shorten(time, 40)}" is no duration: write 90m, 2h or 3d, at most 30d. ${usage(called)}` }
}

/** The key ends where the note begins: at the first colon that a space follows. */
function noted(said: string, called: string): Wanted | { text: string } {
  const end = said.indexOf(': ')
  if (end < 1) return { text: usage(called) }
  return { about: { alert: said.slice(0, end) }, does: { note: noteIn(said.slice(end + 1)) } }
}

function usage(called: string): string {
  return [
    COMMAND_FORMS.map((form) => `${called} ${form}`).join(' · '),
    'KEY is the alert’s key, as "alert-router history" shows it: an alarm’s ARN.',
  ].join('\n')
}
