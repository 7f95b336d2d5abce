import { commandLine } from '../../shared/config/command-line.ts'
import { UsageError } from '../command.ts'
import type { Spec } from './spec.ts'

/**
 * `npm run rules check --strict`: npm consumes the option, and the command would run without it. npm passes it on in
 * the environment, as it does an option from an .npmrc (`yes=true`).
 * @throws {UsageError}
 */
export function refuseKeptByNpm({ name, options }: Spec, argv: string[]): void {
  const { npm_lifecycle_event: script = '', npm_lifecycle_script: line = '' } = process.env
  // npx leaves options to the command.
  if (script === 'npx' || !line.includes('alert-router')) return
  const kept = Object.keys(options).filter((option) => {
    const value = process.env[`npm_config_${option.replaceAll('-', '_')}`]
    return option !== 'yes' && value !== undefined && !['', 'false', 'null'].includes(value) && !isGiven(option, argv)
  })
  if (kept.length === 0) return
  const flags = kept.map((option) => `--${option}${options[option]?.value === undefined ? '' : ' …'}`)
  const inScript = name.split(' ').slice(1)
  throw new UsageError(
    `npm consumed ${flags.join(' and ')}. Write -- before the arguments of the command: npm run ${script} -- ${[...inScript, ...flags].join(' ')} …, or: ${commandLine([name, ...flags].join(' '))} …`,
  )
}

function isGiven(name: string, args: string[]): boolean {
  return args.some((one) => one === `--${name}` || one.startsWith(`--${name}=`))
}
