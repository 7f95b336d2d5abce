import type { BackupJob } from '@aws-sdk/client-backup'
import type { AwsData } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'
import type { Place } from './place.ts'
import type { Services } from './services.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LAST_MS = 40 * HOUR_MS
const FAILED_MS = 16 * HOUR_MS
const KEPT = 30

/** A backup of the database each night, of which the last has failed; a restore was tried four months ago. */
export function backupsOf(
  { warehouse, lake }: Services,
  { now }: FaultTimes,
  place: Place,
): Pick<AwsData, 'backupJobs' | 'protectedResources' | 'restoreJobs'> {
  const database = place.arn('rds', `db:${warehouse?.instance ?? 'database'}`)
  const bucket = `arn:aws:s3:::${lake?.bucket ?? 'bucket'}`
  const done = (resource: string, type: string) => (agoMs: number) => job(resource, type, now - agoMs, place)
  const nights = Array.from({ length: KEPT }, (_, night) => night * DAY_MS)
  const failed: BackupJob = {
    ...job(database, 'RDS', now - FAILED_MS, place),
    ...{
      State: 'FAILED',
      MessageCategory: 'Failure',
      PercentDone: '0.0',
      CompletionDate: new Date(now - FAILED_MS + HOUR_MS),
    },
    StatusMessage: 'The DB instance is not in the available state: its storage is being modified',
  }
  return {
    backupJobs: [
      failed,
      ...nights.map((night) => LAST_MS + night).map(done(database, 'RDS')),
      ...nights.map((night) => FAILED_MS + night).map(done(bucket, 'S3')),
    ],
    protectedResources: [
      { ResourceArn: database, ResourceType: 'RDS', LastBackupTime: new Date(now - LAST_MS) },
      { ResourceArn: bucket, ResourceType: 'S3', LastBackupTime: new Date(now - FAILED_MS) },
    ],
    restoreJobs: [
      {
        ...{ RestoreJobId: 'restore-1', Status: 'COMPLETED', ResourceType: 'RDS', SourceResourceArn: database },
        ...{ CreationDate: new Date(now - 121 * DAY_MS), CompletionDate: new Date(now - 121 * DAY_MS + HOUR_MS) },
      },
    ],
  }
}

function job(ResourceArn: string, ResourceType: string, time: number, { account, arn }: Place): BackupJob {
  return {
    ...{
      AccountId: account,
      BackupJobId: `${ResourceType}-${time}`,
      BackupVaultName: 'platform',
      ResourceArn,
      ResourceType,
    },
    ...{ State: 'COMPLETED', MessageCategory: 'SUCCESS', PercentDone: '100.0', BackupSizeInBytes: 400_000_000_000 },
    ...{ CreationDate: new Date(time - 1_800_000), CompletionDate: new Date(time) },
    RecoveryPointArn: arn('backup', `recovery-point:${time}`),
  }
}
