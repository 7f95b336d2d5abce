import Table from 'cli-table3'
import { type Found, hunt } from '../local/mutants/hunt.ts'
import { type Mutant, noteSeed, readMutants } from '../local/mutants/mutant.ts'
import { readArguments, wholeNumber } from './arguments.ts'
import { commandOf, runCommand, UsageError } from './command.ts'

const HELP = `Puts each of the faults in test/mutants/ into the router, and looks whether
anything notices.

  npm run mutants -- [--only 4,32] [--worlds 3000] [--from 1] [--note]

Each fault is a small patch, whose first line says what a user would suffer. The
simulation runs its worlds with it until a promise is broken that the router
keeps in the same world without it. What no world can show is shown by a test,
in a copy. The world that a patch names is tried first; --from: the worlds from
this seed on alone. --note: writes into each patch which world has shown it.
Exit code: 0 each was found, 1 one was not, or does not fit the sources any
more, 2 wrong usage.
`

const OPTIONS = {
  only: { type: 'string' },
  worlds: { type: 'string', default: '3000' },
  from: { type: 'string' },
  note: { type: 'boolean', default: false },
} as const

await runCommand(import.meta, commandOf('mutants', main, HELP))

async function main(argv: string[]): Promise<number> {
  const { values: given } = readArguments(argv, OPTIONS, 'none')
  const worlds = wholeNumber('--worlds', given.worlds)
  const from = given.from === undefined ? undefined : wholeNumber('--from', given.from)
  const mutants = await chosen(given.only)
  const all: [Mutant, Found][] = []
  for (const mutant of mutants) {
    const found = await hunt(mutant, { worlds, from })
    process.stderr.write(`${mutant.name}: ${found.isFound ? '' : 'NOT FOUND: '}${found.by}: ${found.why}\n`)
    if (given.note && found.seed !== undefined) await noteSeed(mutant, found.seed)
    all.push([mutant, found])
  }
  process.stdout.write(`${tableOf(all)}\n`)
  const missed = all.filter(([, { isFound }]) => !isFound).length
  process.stdout.write(`${all.length - missed} of ${all.length} were found\n`)
  return missed === 0 ? 0 : 1
}

async function chosen(only: string | undefined): Promise<Mutant[]> {
  const all = await readMutants()
  if (only === undefined) return all
  const numbers = only.split(',').map((text) => wholeNumber('--only', text))
  const unknown = numbers.filter((number) => !all.some((mutant) => mutant.number === number))
  if (unknown.length > 0) throw new UsageError(`there is no mutant ${unknown.join(', ')} in test/mutants/`)
  return all.filter(({ number }) => numbers.includes(number))
}

function tableOf(all: [Mutant, Found][]): string {
  const table = new Table({ head: ['mutant', 'found', 'what was broken'], style: { head: [], border: [] } })
  for (const [{ name }, { by, why, isFound }] of all) table.push([name, isFound ? by : `NO: ${by}`, why.slice(0, 110)])
  return table.toString()
}
