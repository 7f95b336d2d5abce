import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { STATUSES } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import { nextDueAt } from '../shared/decide/due-at.ts'
import { FUZZ_RUNS, runs } from './fuzz-runs.ts'
import { changeOf, config, Life } from './life.ts'

/** What is due is done once its time has come, and is not due any more: nothing is evaluated for ever. */
const planned = checkConfig({
  ...config,
  severities: {
    critical: {
      ...{ channels: ['pager', 'critical'], remind: ['5m', '30m'], response: { acknowledge: '10m', resolve: '1h' } },
      escalate: [
        { after: '15m', to: ['chat', 'critical'] },
        { after: '40m', to: ['quiet'] },
      ],
    },
    warning: { channels: ['chat'], hold: '10m', remind: '20m', escalate: [{ after: '5m', to: ['pager'] }] },
    info: { channels: ['quiet'], hold: '3m', remind: '1h', response: { acknowledge: '5m' } },
  },
})
/** Later rules: no channel of those before, and no plans. */
const { pager, ...others } = config.channels
const changed = checkConfig({
  ...{ ...config, channels: { ...others, 'pager-b': pager } },
  severities: { ...config.severities, critical: { channels: ['pager-b', 'critical'] } },
})

type Happening = (life: Life, minute: number) => void

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        status: fc.constantFrom(...STATUSES),
        kind: fc.constantFrom('critical' as const, 'warning' as const, 'quiet' as const),
        lateMinutes: fc.constantFrom(0, 0, 0, 7),
      })
      .map(
        ({ status, kind, lateMinutes }): Happening =>
          (life, minute) => {
            life.comes(changeOf(status, minute - lateMinutes, kind))
          },
      ),
  },
  fc.constantFrom(undefined, 7, 60).map(
    (minutes): Happening =>
      (life) =>
        life.acknowledged(minutes),
  ),
  fc.constant<Happening>((life) => life.unacknowledged()),
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(4), fc.constantFrom('yes', 'yes', 'no', 'lost', 'crash')).map(
      ([index, outcome]): Happening =>
        (life) => {
          const names = Object.keys(life.state?.recipients ?? {})
          const name = names[index % Math.max(1, names.length)]
          if (name !== undefined) life.deliver(name, outcome as 'yes')
        },
    ),
  },
  fc.constant<Happening>((life) => life.deliverAll()),
  { weight: 2, arbitrary: fc.constant<Happening>((life) => life.looks()) },
)

/** By any life: for how many minutes each of it lasts, and what happens then. */
const anyLife = fc.array(fc.tuple(fc.constantFrom(0, 1, 4, 12, 45, 600), happening), { minLength: 1, maxLength: 25 })

function lived(all: [number, Happening][]): Life {
  const life = new Life(planned)
  for (const [minutes, happen] of all) {
    life.now = new Date(life.now.getTime() + minutes * 60_000)
    happen(life, Math.round((life.now.getTime() - Date.UTC(2026, 10, 3, 10)) / 60_000))
  }
  return life
}

const dueIn = ({ state }: Life) => (state && nextDueAt(state)) ?? ''

test('what is due is not due any more once it was evaluated', () => {
  fc.assert(
    fc.property(anyLife, fc.constantFrom(planned, changed, config), (all, rules) => {
      const life = lived(all)
      for (let looks = 0; looks < 8; looks++) {
        const due = dueIn(life)
        if (due === '') return
        life.now = new Date(Math.max(life.now.getTime(), Date.parse(due)))
        life.looks(rules)
        // New rules may say at once what else is due; then nothing is.
        if (dueIn(life) !== '' && dueIn(life) <= life.now.toISOString()) life.looks(rules)
        if (dueIn(life) !== '') expect(dueIn(life) > life.now.toISOString()).toBe(true)
      }
    }),
    { numRuns: runs(FUZZ_RUNS) },
  )
})

test('looking again at the same moment changes nothing', () => {
  fc.assert(
    fc.property(anyLife, (all) => {
      const life = lived(all)
      life.looks()
      const once = life.state
      life.looks()
      expect(life.state).toEqual(once)
    }),
    { numRuns: runs(FUZZ_RUNS) },
  )
})
