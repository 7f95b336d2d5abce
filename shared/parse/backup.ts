import { asText } from '../../schemas/loose.ts'
import { arnAccount, arnText, parseArn, resourceName } from './arn.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { asLines, factsOf } from './facts.ts'
import { regionCode } from './region.ts'
import { deploymentState } from './state-words.ts'
import { firstLine } from './text.ts'
import { isoTime } from './time.ts'

/** AWS Backup: backup, copy and restore jobs, recovery points, vaults and plans. */
export function backupEvent({ type, source, detail, account, region, resources }: AwsEvent): Draft | undefined {
  if (source !== 'aws.backup') return undefined
  const state = asText(detail.state) ?? asText(detail.status)
  const resource =
    asText(detail.resourceArn) ?? asText(detail.createdResourceArn) ?? asText(detail.backupVaultName) ?? resources[0]
  const job = asText(detail.backupJobId) ?? asText(detail.copyJobId) ?? asText(detail.restoreJobId)
  const what = type.replace(/ State Change$/i, '')
  const facts = factsOf(detail)
  return {
    kind: 'backup',
    fingerprint: `backup:${what.toLowerCase().replaceAll(' ', '-')}:${resource ?? `${account ?? ''}:${region ?? ''}:${job ?? hash(type)}`}`,
    name: what,
    title: `${what}${resource ? ` of ${resourceName(resource)}` : ''} ${summary(state)}`,
    description: asLines(facts),
    reason: asText(detail.statusMessage),
    changedAt: isoTime(detail.completionDate),
    resource: resource && resourceName(resource),
    details: { state: deploymentState(state), rawState: state, job, ...withoutState(Object.fromEntries(facts)) },
  }
}

/** The notice on a vault's topic, one sentence: `An AWS Backup job failed. Resource ARN : … BackupJob ID : …`. */
export function backupText(text: string, envelope: Envelope): Draft | undefined {
  const [, kind = '', verb] = /^\s*An AWS Backup (?:(copy|restore|backup) )?job (?:was |has )?(\w+)/i.exec(text) ?? []
  if (verb === undefined) return undefined
  const resource = arnText(/\bResource ARN\s*:\s*(arn:\S+?)[.,;]?(?:\s|$)/i.exec(text)?.[1])
  const job = /\b(?:Backup|Copy|Restore) ?Job ID\s*:\s*([\w-]+)/i.exec(text)?.[1]
  const what = `${(kind || 'backup').replace(/^./, (first) => first.toUpperCase())} Job`
  const state = deploymentState(verb)
  return {
    kind: 'backup',
    fingerprint: `backup:${what.toLowerCase().replace(' ', '-')}:${resource ?? job ?? hash(envelope.topic, text)}`,
    name: what,
    title: resource ? `${what} of ${resourceName(resource)} ${summary(verb)}` : firstLine(text),
    description: text,
    source: 'aws.backup',
    account: arnAccount(resource),
    region: regionCode(parseArn(resource)?.region),
    resource: resource ? resourceName(resource) : job && `${job} (job)`,
    details: { state, rawState: verb, job, resourceArn: resource },
  }
}

function summary(state: string | undefined): string {
  return state?.toLowerCase().replaceAll('_', ' ') ?? 'has changed'
}

function withoutState({ state: _, ...facts }: Record<string, string>): Record<string, string> {
  return facts
}
