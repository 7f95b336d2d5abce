import {
  type InstanceInformation,
  paginateDescribeInstanceInformation,
  paginateDescribeInstancePatchStates,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import type { PatchedInstance } from '../questions/ask.ts'

/** In one request (Systems Manager API Reference, DescribeInstancePatchStates). */
const MOST_INSTANCES = 50

/** The machines that Systems Manager knows, with the patches that they lack; of those that were never scanned, without. */
export async function askPatches(client: SSMClient, abortSignal: AbortSignal): Promise<PatchedInstance[]> {
  const instances: InstanceInformation[] = []
  const pages = paginateDescribeInstanceInformation({ client, pageSize: MOST_INSTANCES }, {}, { abortSignal })
  for await (const { InstanceInformationList = [] } of pages) instances.push(...InstanceInformationList)
  const states = new Map<string, Omit<PatchedInstance, 'id' | 'name'>>()
  for (let at = 0; at < instances.length; at += MOST_INSTANCES) {
    const InstanceIds = instances.slice(at, at + MOST_INSTANCES).map(({ InstanceId = '' }) => InstanceId)
    const found = paginateDescribeInstancePatchStates({ client, pageSize: 100 }, { InstanceIds }, { abortSignal })
    for await (const { InstancePatchStates = [] } of found) {
      for (const state of InstancePatchStates) {
        states.set(state.InstanceId ?? '', {
          ...{ missing: state.MissingCount ?? 0, failed: state.FailedCount ?? 0 },
          security: (state.SecurityNonCompliantCount ?? 0) + (state.CriticalNonCompliantCount ?? 0),
          ...(state.OperationEndTime && { at: state.OperationEndTime.toISOString() }),
        })
      }
    }
  }
  return instances.map(({ InstanceId: id = '', Name, ComputerName }) => ({
    ...{ id, name: Name ?? ComputerName ?? id },
    ...states.get(id),
  }))
}
