import { GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer'
import { DescribeEventsCommand } from '@aws-sdk/client-health'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { closeClients, openClients } from '../shared/asking/clients.ts'

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
})

describe('a service that answers for all regions is asked where it is', () => {
  test.each([
    ['eu-west-1', 'health.us-east-1.amazonaws.com', 'ce.us-east-1.amazonaws.com'],
    ['us-east-1', 'health.us-east-1.amazonaws.com', 'ce.us-east-1.amazonaws.com'],
    ['il-central-1', 'health.us-east-1.amazonaws.com', 'ce.us-east-1.amazonaws.com'],
    ['cn-north-1', 'health.cn-northwest-1.amazonaws.com.cn', 'ce.cn-northwest-1.amazonaws.com.cn'],
    ['us-gov-east-1', 'health.us-gov-west-1.amazonaws.com', 'ce.us-gov-west-1.amazonaws.com'],
    ['us-iso-west-1', 'health.us-iso-west-1.c2s.ic.gov', 'ce.us-iso-east-1.c2s.ic.gov'],
  ])('from %s: AWS Health at %s, Cost Explorer at %s, and the others there', async (region, health, costs) => {
    const opened = [openClients({ region })]
    vi.stubEnv('AWS_REGION', region)
    opened.push(openClients())
    for (const one of opened) {
      expect(await endpointOf(one.health, new DescribeEventsCommand({}))).toEqual([health, health.split('.')[1]])
      const cost = new GetCostAndUsageCommand({ TimePeriod: undefined, Granularity: 'DAILY', Metrics: [] })
      expect(await endpointOf(one.costs, cost)).toEqual([costs, costs.split('.')[1]])
      for (const other of [one.optimizer, one.quotas, one.backup, one.securityHub, one.acm.in()] as Asked[]) {
        expect(await other.config.region()).toBe(region)
      }
      closeClients(one)
    }
  })
})

interface Asked {
  config: { region(): Promise<string> }
  middlewareStack: { add(middleware: unknown, options: object): void }
  send(command: never): Promise<unknown>
}

/** The host that a request would go to, and the region that it is signed for. */
async function endpointOf(client: Asked, command: object): Promise<[host: string, signedFor: string | undefined]> {
  let found: [string, string | undefined] = ['', undefined]
  const catching =
    () =>
    async ({ request }: { request: { hostname: string; headers: Record<string, string> } }) => {
      const [, region] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? []
      found = [request.hostname, region]
      return { response: {}, output: { $metadata: {} } }
    }
  client.middlewareStack.add(catching, { step: 'finalizeRequest', priority: 'low' })
  await client.send(command as never)
  return found
}
