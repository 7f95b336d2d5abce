import {
  type BackupClient,
  type BackupJobState,
  paginateListBackupJobs,
  paginateListProtectedResources,
  paginateListRestoreJobs,
} from '@aws-sdk/client-backup'
import { type Backups, FAILED_JOBS } from '../questions/ask.ts'

export async function askBackups(
  client: BackupClient,
  { since }: { since: string },
  abortSignal: AbortSignal,
): Promise<Backups> {
  const [resources, restored, ...failed] = await Promise.all([
    protectedResources(client, abortSignal),
    restores(client, abortSignal),
    ...FAILED_JOBS.map((state) => failedJobs(client, state, since, abortSignal)),
  ])
  return { resources, restored, failed: failed.flat() }
}

async function protectedResources(client: BackupClient, abortSignal: AbortSignal): Promise<Backups['resources']> {
  const found: Backups['resources'] = []
  for await (const { Results = [] } of paginateListProtectedResources({ client }, {}, { abortSignal })) {
    for (const { ResourceArn: arn = '', LastBackupTime: at } of Results)
      found.push({ arn, ...(at && { lastAt: at.toISOString() }) })
  }
  return found
}

async function failedJobs(client: BackupClient, state: BackupJobState, since: string, abortSignal: AbortSignal) {
  const found: Backups['failed'] = []
  const input = { ByState: state, ByCreatedAfter: new Date(since) }
  for await (const { BackupJobs = [] } of paginateListBackupJobs({ client }, input, { abortSignal })) {
    for (const { ResourceArn: arn = '', CreationDate, StatusMessage: why } of BackupJobs) {
      found.push({ arn, at: CreationDate?.toISOString() ?? 'unknown', state, ...(why !== undefined && { why }) })
    }
  }
  return found
}

async function restores(client: BackupClient, abortSignal: AbortSignal): Promise<Backups['restored']> {
  const found: Backups['restored'] = []
  for await (const { RestoreJobs = [] } of paginateListRestoreJobs(
    { client },
    { ByStatus: 'COMPLETED' },
    { abortSignal },
  )) {
    for (const { SourceResourceArn, CreatedResourceArn, CompletionDate: at } of RestoreJobs) {
      const arn = SourceResourceArn ?? CreatedResourceArn
      if (arn !== undefined && at) found.push({ arn, at: at.toISOString() })
    }
  }
  return found
}
