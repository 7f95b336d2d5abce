import { UsageError } from '../../command.ts'

/** Which router it is. */
export interface Place {
  stage: string
  /** Of AWS; `unknown`, where the stack does not say. */
  account: string
  region: string
}

/** @throws {UsageError} for what is no stage's name, or when none is given. */
export function stageName(name: string | undefined): string {
  if (name === undefined) throw new UsageError('Name the stage, as in --stage prod.')
  if (!/^[A-Za-z0-9-]+$/.test(name)) throw new UsageError(`--stage ${name}: letters, digits and dashes, as in prod`)
  return name
}

/** `stage prod, account 123456789012, eu-west-1` */
export function describePlace({ stage, account, region }: Place): string {
  return `stage ${stage}, account ${account}, ${region}`
}

/** What is live there: `stage prod, account 123456789012, eu-west-1 (version b998b85a3fa1)` */
export function describeLive(place: Place, version: string): string {
  return `${describePlace(place)} (version ${version})`
}
