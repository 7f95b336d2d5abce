/** Where the demo's platform runs. */
export interface Place {
  account: string
  region: string
  arn(service: string, rest: string, region?: string): string
}

export function placeOf(region: string, account = '123456789012'): Place {
  return { account, region, arn: (service, rest, at = region) => `arn:aws:${service}:${at}:${account}:${rest}` }
}
