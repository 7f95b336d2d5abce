import {
  BackupJobState,
  ListBackupJobs$,
  type ListBackupJobsCommandInput,
  type ListBackupJobsCommandOutput,
  ListProtectedResources$,
  type ListProtectedResourcesCommandInput,
  type ListProtectedResourcesCommandOutput,
  ListRestoreJobs$,
  type ListRestoreJobsCommandInput,
  type ListRestoreJobsCommandOutput,
  RestoreJobStatus,
} from '@aws-sdk/client-backup'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 1_000
/** ListBackupJobs shows the jobs of the last 30 days. */
const SHOWN_MS = 30 * 86_400_000
const BACKUP_STATES = Object.values(BackupJobState)
const RESTORE_STATES = Object.values(RestoreJobStatus)

const bounds: Operation['bounds'] = { MaxResults: [1, PAGE] }

/** What of Backup is asked (AWS Backup Developer Guide, API). */
export const BACKUP: Operation[] = [
  operation<ListBackupJobsCommandInput, ListBackupJobsCommandOutput>('backup', ListBackupJobs$, listBackupJobs, {
    bounds,
  }),
  operation<ListProtectedResourcesCommandInput, ListProtectedResourcesCommandOutput>(
    'backup',
    ListProtectedResources$,
    listProtectedResources,
    { bounds },
  ),
  operation<ListRestoreJobsCommandInput, ListRestoreJobsCommandOutput>('backup', ListRestoreJobs$, listRestoreJobs, {
    bounds,
  }),
]

function refuseState(state: string | undefined, known: readonly string[]): void {
  if (state === undefined || known.includes(state)) return
  throw new Refusal('InvalidParameterValueException', `Invalid state ${state}: use one of ${known.join(', ')}`)
}

/** Whether a time lies within bounds, of which each may be absent. */
function isWithin(time: Date | undefined, after: Date | undefined, before: Date | undefined): boolean {
  if (!after && !before) return true
  return time !== undefined && (!after || time >= after) && (!before || time <= before)
}

function listBackupJobs(
  input: ListBackupJobsCommandInput,
  asked: Asked,
): Omit<ListBackupJobsCommandOutput, '$metadata'> {
  const { ByState, ByResourceArn, ByResourceType, ByBackupVaultName, ByMessageCategory } = input
  refuseState(ByState, BACKUP_STATES)
  const oldest = asked.now.getTime() - SHOWN_MS
  const found = asked.data.backupJobs.filter(
    (job) =>
      (job.CreationDate?.getTime() ?? 0) >= oldest &&
      (ByState === undefined || job.State === ByState) &&
      (ByResourceArn === undefined || job.ResourceArn === ByResourceArn) &&
      (ByResourceType === undefined || job.ResourceType === ByResourceType) &&
      (ByBackupVaultName === undefined || job.BackupVaultName === ByBackupVaultName) &&
      (ByMessageCategory === undefined || job.MessageCategory === ByMessageCategory) &&
      isWithin(job.CreationDate, input.ByCreatedAfter, input.ByCreatedBefore) &&
      isWithin(job.CompletionDate, input.ByCompleteAfter, input.ByCompleteBefore),
  )
  const { items, next } = page(found, { token: input.NextToken, size: input.MaxResults ?? PAGE, of: input }, asked)
  return { BackupJobs: items, NextToken: next }
}

function listProtectedResources(
  input: ListProtectedResourcesCommandInput,
  asked: Asked,
): Omit<ListProtectedResourcesCommandOutput, '$metadata'> {
  const wanted = { token: input.NextToken, size: input.MaxResults ?? PAGE, of: input }
  const { items, next } = page(asked.data.protectedResources, wanted, asked)
  return { Results: items, NextToken: next }
}

/** Those of any age: that there was none for long is seen from what is absent. */
function listRestoreJobs(
  input: ListRestoreJobsCommandInput,
  asked: Asked,
): Omit<ListRestoreJobsCommandOutput, '$metadata'> {
  const { ByStatus, ByResourceType, ByRestoreTestingPlanArn } = input
  refuseState(ByStatus, RESTORE_STATES)
  const found = asked.data.restoreJobs.filter(
    (job) =>
      (ByStatus === undefined || job.Status === ByStatus) &&
      (ByResourceType === undefined || job.ResourceType === ByResourceType) &&
      (ByRestoreTestingPlanArn === undefined || job.CreatedBy?.RestoreTestingPlanArn === ByRestoreTestingPlanArn) &&
      isWithin(job.CreationDate, input.ByCreatedAfter, input.ByCreatedBefore) &&
      isWithin(job.CompletionDate, input.ByCompleteAfter, input.ByCompleteBefore),
  )
  const { items, next } = page(found, { token: input.NextToken, size: input.MaxResults ?? PAGE, of: input }, asked)
  return { RestoreJobs: items, NextToken: next }
}
