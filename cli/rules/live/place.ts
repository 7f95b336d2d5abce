import { UsageError } from '../../command.ts'

/** Identifies a router. */
export interface Place {
  stage: string
  /** The AWS account; `unknown` if the stack does not say. */
  account: string
  region: string
}

/** @throws {UsageError} for an invalid stage name, or when none is given. */
export function stageName(name: string | undefined): string {
  if (name === undefined) throw new UsageError('Give the stage, as in --stage prod.')
  if (!/^[A-Za-z0-9-]+$/.test(name)) throw new UsageError(`--stage ${name}: use letters, digits and dashes, as in prod`)
  return name
}

/** `stage prod, account 123456789012, eu-west-1` */
export function describePlace({ stage, account, region }: Place): string {
  return `stage ${stage}, account ${account}, ${region}`
}

/** The active rules of a stage: `stage prod, account 123456789012, eu-west-1 (version b998b85a3fa1)` */
export function describeLive(place: Place, version: string): string {
  return `${describePlace(place)} (version ${version})`
}
