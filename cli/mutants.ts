import Table from 'cli-table3'
import { type Found, hunt } from '../local/mutants/hunt.ts'
import { type Mutant, noteSeed, readMutants } from '../local/mutants/mutant.ts'
import { UsageError } from './command.ts'
import type { MUTANTS } from './commands/work.ts'
import { numbersIn } from './frame/numbers.ts'
import type { Given } from './frame/spec.ts'

export async function mutants({ options: given }: Given<typeof MUTANTS>): Promise<number> {
  const { worlds, from, json } = given
  const all: [Mutant, Found][] = []
  for (const mutant of await chosen(given.mutant)) {
    const found = await hunt(mutant, { worlds, from })
    process.stderr.write(`${mutant.name}: ${found.isFound ? '' : 'NOT CAUGHT: '}${found.by}: ${found.why}\n`)
    if (given.note && found.seed !== undefined) await noteSeed(mutant, found.seed)
    all.push([mutant, found])
  }
  const missed = all.filter(([, { isFound }]) => !isFound).length
  process.stdout.write(
    json
      ? `${JSON.stringify(all.map(([{ name }, found]) => ({ name, ...found })))}\n`
      : `${tableOf(all)}\n${all.length - missed} of ${all.length} were caught\n`,
  )
  return missed === 0 ? 0 : 1
}

async function chosen(list: string | undefined): Promise<Mutant[]> {
  const all = await readMutants()
  if (list === undefined) return all
  const numbers = numbersIn('--mutant', list)
  const unknown = numbers.filter((number) => !all.some((mutant) => mutant.number === number))
  if (unknown.length > 0) throw new UsageError(`no mutant ${unknown.join(', ')} in test/mutants/`)
  return all.filter(({ number }) => numbers.includes(number))
}

function tableOf(all: [Mutant, Found][]): string {
  const table = new Table({ head: ['mutant', 'caught by', 'broken promise'], style: { head: [], border: [] } })
  for (const [{ name }, { by, why, isFound }] of all) table.push([name, isFound ? by : `NO: ${by}`, why.slice(0, 110)])
  return table.toString()
}
