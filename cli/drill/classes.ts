import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Config } from '../../schemas/config.ts'
import { DRILL_CLASSES } from '../../schemas/drill.ts'
import { clientOptions } from '../../shared/aws/client.ts'
import { time } from '../../shared/channels/alert-text.ts'
import { commandLine } from '../../shared/config/command-line.ts'
import { decidedOf, someTopic } from '../../shared/drill/decided.ts'
import { type KeptProof, readDrills } from '../../shared/drill/records.ts'
import { parseArn } from '../../shared/parse/arn.ts'
import { UsageError } from '../command.ts'
import { topicOf } from '../report/sending.ts'
import { fitting } from '../table.ts'
import { chooseRouter } from '../which-router.ts'
import { widthOf } from '../wrap.ts'
import { took } from './print.ts'

/** Lists the classes, and when each was last proven. */
export async function listClasses(config: Config, stage: string | undefined, isJson: boolean): Promise<number> {
  const { proofs, topicArn } = await routerOf(stage)
  const classes = DRILL_CLASSES.map((name) => {
    const { severity, rule, channels } = decidedOf(name, config, { topicArn, now: new Date() })
    const of = channels.map((channel) => ({ channel, ...provenIn(proofs ?? [], name, channel) }))
    return { class: name, severity, rule, channels: of }
  })
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ classes })}\n`)
    return 0
  }
  const rows = classes.map(({ class: name, severity, channels }) => [
    name,
    severity,
    channels.map(({ channel }) => channel).join('\n') || 'nobody',
    channels.map((one) => (proofs ? describeProof(one) : '?')).join('\n'),
  ])
  process.stdout.write(
    `${fitting({ head: ['class', 'severity', 'channels', 'last proven'], rows }, widthOf(process.stdout))}\n`,
  )
  const option = stage === undefined ? '' : ` --stage ${stage}`
  process.stderr.write(`Fire one: ${commandLine(`drill --class data-loss${option}`)}\n`)
  return 0
}

function provenIn(proofs: KeptProof[], name: string, channel: string): Pick<KeptProof, 'provenAt' | 'tookMs'> {
  const { provenAt, tookMs } = proofs.find((one) => one.subject === name && one.channel === channel) ?? {}
  return provenAt === undefined ? {} : { provenAt, tookMs }
}

function describeProof({ provenAt, tookMs = 0 }: Pick<KeptProof, 'provenAt' | 'tookMs'>): string {
  return provenAt === undefined ? 'never' : `${time(provenAt)}, after ${took(tookMs)}`
}

/** Nothing: no router runs here, and nobody says which. */
async function routerOf(stage: string | undefined): Promise<{ proofs?: KeptProof[]; topicArn?: string }> {
  const router = await chooseRouter(stage).catch((error) => {
    if (stage !== undefined || !(error instanceof UsageError)) throw error
    return undefined
  })
  if (!router) {
    const { region, account } = parseArn(someTopic()) ?? {}
    const where = `The rules are asked for account ${account}, ${region}.`
    process.stderr.write(`When each was last proven, a router knows: give a --stage. ${where}\n`)
    return {}
  }
  const client = new DynamoDBClient(clientOptions)
  const sns = new SNSClient(clientOptions)
  try {
    const topicArn = stage === undefined ? process.env.ALARMS_TOPIC_ARN : await topicOf(sns, stage)
    const { proofs } = await readDrills(client, await router.tableName(client))
    return { proofs, ...(topicArn !== undefined && { topicArn }) }
  } finally {
    client.destroy()
    sns.destroy()
  }
}
