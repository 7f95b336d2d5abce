import { existsSync, globSync, readFileSync } from 'node:fs'

/** The clients whose name is not that of the CLI's service. */
const CLIENTS: Record<string, string> = {
  ...{ ce: 'cost-explorer', events: 'eventbridge', logs: 'cloudwatch-logs', secretsmanager: 'secrets-manager' },
}

/** Options of every command. */
const OF_ALL = ['cliinputjson', 'output', 'query', 'region']

/**
 * The problem of a command of the AWS CLI: none, or why it is not valid. By the SDK, which has the same operations and
 * parameters, but for the CLI's own name of an endpoint.
 */
export function wrongWithAws([service = '', operation = '', ...options]: string[]): string {
  const types = `node_modules/@aws-sdk/client-${CLIENTS[service] ?? service}/dist-types`
  if (!existsSync(types)) return `there is no client of ${service}`
  const isThere = (name: string) => existsSync(`${types}/commands/${name}Command.d.ts`)
  if (!isThere(pascal(operation))) return `${service} has no ${operation}`
  const models = globSync(`${types}/models/models_*.d.ts`).map((file) => readFileSync(file, 'utf8'))
  const parameters = models.join('\n').match(/(?<=^ {4})\w+(?=\??: )/gm) ?? []
  const known = ['notificationendpoint', ...OF_ALL, ...parameters.map((name) => name.toLowerCase())]
  const given = options.flatMap((one) => /^--(.*)/.exec(one)?.[1] ?? [])
  const unknown = given.find((name) => !known.includes(name.replaceAll('-', '')))
  return unknown ? `${service} ${operation} knows no --${unknown}` : ''
}

function pascal(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}
