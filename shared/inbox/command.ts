import { oneLine, shorten } from '../channels/outside-text.ts'
import { durationMs } from '../decide/duration.ts'
import { NO_SILENCES } from './silences.ts'
import { noteIn, type Wish } from './wish.ts'

/*
 * The slash command's words. An alert is named by its key, as `alert-router history` shows it: a name may be that of many.
 * Pure.
 */

type Wanted = Pick<Wish, 'does'> & { about: { alert: string } }

/** How long an acknowledgement may last. */
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
      return { text: NO_SILENCES }
    default:
      return { text: usage(called) }
  }
}

function acknowledged(said: string, at: string, called: string): Wanted | { text: string } {
  if (said === '') return { text: usage(called) }
  const [alert = said, time] = said.split(FOR)
  if (time === undefined) return { about: { alert }, does: { acknowledge: true } }
  const ms = DURATION.test(time) ? durationMs(time) : Number.NaN
  if (!(ms > 0 && ms <= MAX_MS)) {
    return { text: `"${shorten(time, 40)}" is no duration: write 90m, 2h or 3d, at most 30d. ${usage(called)}` }
  }
  const until = new Date(Date.parse(at) + ms).toISOString()
  return { about: { alert }, does: { acknowledge: true, until } }
}

/** The key ends where the note begins: at the first colon that a space follows. */
function noted(said: string, called: string): Wanted | { text: string } {
  const end = said.indexOf(': ')
  if (end < 1) return { text: usage(called) }
  return { about: { alert: said.slice(0, end) }, does: { note: noteIn(said.slice(end + 1)) } }
}

function usage(called: string): string {
  return [
    `${called} ack KEY [for 2h] · ${called} resolve KEY · ${called} note KEY: TEXT`,
    'KEY is the alert’s key, as "alert-router history" shows it: an alarm’s ARN.',
  ].join('\n')
}
