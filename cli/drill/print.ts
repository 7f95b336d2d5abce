import { time } from '../../shared/channels/alert-text.ts'
import { oneLine } from '../../shared/channels/outside-text.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import type { Decision } from '../../shared/decide/decision.ts'
import type { Arrival } from '../../shared/drill/outcome.ts'
import { type DrillOutcome, hasArrived } from '../../shared/drill/story.ts'
import { shell } from '../../shared/questions/shell.ts'
import { count } from '../count.ts'
import type { Router } from '../which-router.ts'

/** `0.4 s`, `12.0 s`, `3 min 4 s`. */
export function took(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`
}

export type Decided = Pick<Decision, 'severity' | 'rule' | 'channels'>

/** One drill, and what became of it in each channel. */
export function describeOutcome(outcome: DrillOutcome, decided: Decided | undefined, limit: string): string[] {
  const { subject, id, arrivals, unresolved } = outcome
  const head = decided ? `${subject}: ${decided.severity}, by rule "${oneLine(decided.rule)}"` : subject
  return [
    `${head} (drill ${id})`,
    ...(arrivals === undefined ? [`  The router did not record it within ${limit}.`] : arrivalLines(arrivals, limit)),
    ...unresolved.map(
      (name) => `  ${name} did not accept its end within a minute: it gets it later, unless that is a dead letter.`,
    ),
  ]
}

function arrivalLines(arrivals: Arrival[], limit: string): string[] {
  if (arrivals.length === 0) return ['  The rules notify nobody of it.']
  const names = arrivals.map(({ channel, fallbackFor }) =>
    fallbackFor === undefined ? channel : `${channel}, for ${fallbackFor}`,
  )
  const width = Math.max(...names.map(({ length }) => length))
  return arrivals.map((one, index) => `  ${(names[index] ?? '').padEnd(width)}  ${describeArrival(one, limit)}`)
}

function describeArrival({ outcome, tookMs = 0, why = '', until = '' }: Arrival, limit: string): string {
  switch (outcome) {
    case 'arrived':
      return `arrived after ${took(tookMs)}`
    case 'held':
      return `held until ${time(until)} (${oneLine(why)}): not sent now, because the drill ended`
    case 'dead-lettered':
      return `NOT DELIVERED, a dead letter: ${oneLine(why)}`
    case 'dropped':
      return `NOT DELIVERED: ${oneLine(why)}`
    case 'waiting':
      return `NOT ACCEPTED within ${limit}: ${oneLine(why)}`
  }
}

/** What to do about those that did not arrive; empty when all did. */
export function nextSteps(outcomes: DrillOutcome[], { option }: Router): string[] {
  const arrivals = outcomes.flatMap((one) => one.arrivals ?? [])
  const has = (outcome: Arrival['outcome']) => arrivals.some((one) => one.outcome === outcome)
  return [
    ...(outcomes.some((one) => one.arrivals === undefined)
      ? [`What keeps alerts from arriving: ${commandLine(`doctor${option}`)}`]
      : []),
    ...(has('dead-lettered')
      ? [`Its dead letters are marked as drills; discard them: ${commandLine(`dead-letters list${option}`)}`]
      : []),
    ...outcomes
      .filter((one) => one.arrivals?.some(({ outcome }) => outcome === 'waiting'))
      .map(({ id }) => `Its attempts: ${commandLine(`history ${id}${option}`)}`),
  ]
}

/** What CloudWatch sends nothing about, because a drill has set the alarm. */
export function describeFiring(alarm: string, names: string[]): string[] {
  if (names.length === 0) return []
  const command = (state: string) =>
    shell('aws cloudwatch set-alarm-state', {
      'alarm-name': alarm,
      'state-value': state,
      'state-reason': 'After a drill',
    })
  return names.includes(alarm)
    ? [
        `${alarm} IS REALLY IN ALARM, for a reason that is not the drill's: it was not set to OK.`,
        'CloudWatch may have sent nothing about it. Once it is OK, it is evaluated, and what it finds is sent:',
        command('OK'),
      ]
    : [
        `CHILDREN OF ${alarm} ARE IN ALARM: ${names.join(', ')}. CloudWatch sends nothing about ${alarm} until one of them changes.`,
        'If it should be in ALARM, too, this sends it:',
        command('ALARM'),
      ]
}

export function summary(outcomes: DrillOutcome[]): string {
  const arrived = outcomes.filter(hasArrived).length
  return `${arrived} of ${count(outcomes.length, 'drill')} arrived.`
}

export function drillJson(outcome: DrillOutcome, decided: Decided | undefined) {
  const { subject, id, arrivals, unresolved } = outcome
  return {
    ...{ drill: subject, id, ...(decided && { severity: decided.severity, rule: decided.rule }) },
    ...{ arrived: hasArrived(outcome), channels: arrivals ?? null, unresolved },
  }
}
