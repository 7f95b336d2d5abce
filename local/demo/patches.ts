import type { AwsData } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'

const DAY_MS = 86_400_000

/** Two machines by which people reach the database: one lacks three security patches. */
export function patchesOf({ now }: FaultTimes): Pick<AwsData, 'instances' | 'patchStates'> {
  const machine = (InstanceId: string, ComputerName: string, missing: number) => ({
    instance: {
      ...{ InstanceId, ComputerName, PingStatus: 'Online' as const, LastPingDateTime: new Date(now - 120_000) },
      ...{ PlatformType: 'Linux' as const, PlatformName: 'Amazon Linux', PlatformVersion: '2023' },
    },
    state: {
      ...{ InstanceId, PatchGroup: 'platform', BaselineId: 'pb-1', Operation: 'Scan' as const },
      ...{ OperationStartTime: new Date(now - DAY_MS - 60_000), OperationEndTime: new Date(now - DAY_MS) },
      ...{ InstalledCount: 412, MissingCount: missing, FailedCount: 0, SecurityNonCompliantCount: missing },
      CriticalNonCompliantCount: 0,
    },
  })
  const machines = [machine('i-0a1b2c3d4e5f60001', 'bastion-a', 0), machine('i-0a1b2c3d4e5f60002', 'bastion-b', 3)]
  return { instances: machines.map(({ instance }) => instance), patchStates: machines.map(({ state }) => state) }
}
