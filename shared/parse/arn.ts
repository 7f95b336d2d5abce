export interface Arn {
  partition: string
  service: string
  region: string
  account: string
  /** Everything after the account: `alarm:orders`, `instance/i-0abc`. */
  resource: string
}

/** The ARN without the spaces that some tools leave before the account; undefined if it is not an ARN. */
export function arnText(text: string | undefined): string | undefined {
  if (text === undefined || !/^\s*arn:/.test(text)) return undefined
  const parts = text.trim().split(':')
  return parts.map((part, index) => (index < 5 ? part.trim() : part)).join(':')
}

export function parseArn(text: string | undefined): Arn | undefined {
  if (text === undefined || !/^\s*arn:/.test(text)) return undefined
  const [, partition, service, region = '', account = '', ...resource] = text.trim().split(':')
  if (partition === undefined || service === undefined || resource.length === 0) return undefined
  return {
    partition: partition.trim(),
    service: service.trim(),
    region: region.trim(),
    account: account.trim(),
    resource: resource.join(':'),
  }
}

/** The account's 12 digits, if the ARN has them. */
export function arnAccount(text: string | undefined): string | undefined {
  const account = parseArn(text)?.account
  return account !== undefined && /^\d{12}$/.test(account) ? account : undefined
}

/** For a person: `i-0abc (instance)` for an ARN, `orders-api` for any other text. */
export function resourceName(text: string): string {
  const resource = parseArn(text)?.resource
  if (resource === undefined) return text
  const [, type, name] = /^([\w-]+)[:/](.+)$/s.exec(resource) ?? []
  return type === undefined || name === undefined ? resource : `${name} (${type})`
}
