import type { Alert } from '../../schemas/alert.ts'
import type { Config, When } from '../../schemas/config.ts'
import type { Silence } from '../../schemas/silence.ts'
import { isHeartbeat } from '../observe/heartbeat.ts'
import type { Others } from './alert-state.ts'
import { isInForce, type Silences } from './in-force.ts'
import { isNotice } from './maintenance.ts'
import { minuteOf } from './minute.ts'
import { asBefore } from './once-a-config.ts'
import { textMatcher } from './pattern.ts'
import { regexOf } from './regex.ts'
import { RuleIndex } from './rule-index.ts'
import { compileWhen } from './rules.ts'
import type { Times } from './windows.ts'

/*
 * Silences: a person wants nobody to be notified of some alerts until a time. Each is a maintenance that is made while the
 * router runs: matching alerts are held until its end, and resolves go through. Pure.
 */

/**
 * A config, and what an alert is decided with beside it: the silences, and what other alerts say of it. Whatever takes a config
 * takes this.
 */
export type Silenced = Config & { silences?: Silences; others?: Others }

const made = new WeakMap<Config, { silences: Silences; config: Silenced }>()

/** The same object for the same two: what is compiled for a config stays so, whatever is silenced. */
export function withSilences(config: Config, silences: Silences): Silenced {
  const known = made.get(config)
  if (known?.silences === silences) return known.config
  const silenced = asBefore<Silenced>({ ...config, silences }, config)
  made.set(config, { silences, config: silenced })
  return silenced
}

/** The silences that hold an alert at a moment, in the order in which they were made. */
export function silencesOn(alert: Alert, config: Pick<Silenced, 'silences'>, at: Date): Silence[] {
  return covering(alert, config).flatMap(({ silence }) => (isInForce(silence, at) ? silence : []))
}

/** When the silences that cover an alert hold it. */
export function silencesOf(alert: Alert, config: Silenced): Times[] {
  return covering(alert, config).map(({ times }) => times)
}

/** `silenced by ann until 2026-11-27 15:00 UTC: load test` */
function describeSilence({ by, until, why }: Pick<Silence, 'by' | 'until' | 'why'>): string {
  return `silenced by ${by} until ${minuteOf(until)} UTC: ${why}`
}

/** The condition that matches the alerts with this fingerprint, and no others. */
export function onlyThis(fingerprint: string): When {
  const isAsItIs = textMatcher(fingerprint).form === 'exact' && !fingerprint.startsWith('$')
  return { fingerprint: isAsItIs ? fingerprint : regexOf(fingerprint) }
}

interface Compiled {
  silence: Silence
  covers(alert: Alert): boolean
  times: Times
}

/** Drills, the heartbeat and notices are never silenced. */
export function mayBeSilenced(alert: Alert): boolean {
  return !isNotice(alert) && !isHeartbeat(alert) && alert.drill === undefined
}

function covering(alert: Alert, { silences = [] }: Pick<Silenced, 'silences'>): Compiled[] {
  if (silences.length === 0 || !mayBeSilenced(alert)) return []
  const { index, all } = compiledOf(silences)
  const found: Compiled[] = []
  for (const position of index.candidates(alert)) {
    const one = all[position]
    if (one?.covers(alert)) found.push(one)
  }
  return found
}

const compiled = new WeakMap<Silences, ReturnType<typeof compile>>()

function compiledOf(silences: Silences) {
  const known = compiled.get(silences) ?? compile(silences)
  compiled.set(silences, known)
  return known
}

function compile(silences: Silences) {
  const index = new RuleIndex()
  for (const [position, { when }] of silences.entries()) index.add(when, undefined, position)
  return { index, all: silences.map(compileOne) }
}

/** Its condition names no set of the rules: whoever made it was shown what it covers, and an edit does not change that. */
function compileOne(silence: Silence): Compiled {
  const [from, until] = [Date.parse(silence.at), Date.parse(silence.until)]
  const matches = compileWhen(silence.when)
  const covers = (alert: Alert) => {
    try {
      return matches({ alert })
    } catch {
      // Whoever makes one checks it, but not by this version's rules for expressions: then it holds nothing.
      return false
    }
  }
  const around = (at: number) => ({
    until: at >= from ? until : Number.NEGATIVE_INFINITY,
    next: at < from ? from : Number.POSITIVE_INFINITY,
  })
  const why = describeSilence(silence)
  return { silence, covers, times: { mute: { name: silence.about, series: [{ name: silence.about, why, around }] } } }
}
