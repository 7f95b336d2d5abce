import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { stringify } from 'yaml'
import { clientOptions } from '../shared/aws/client.ts'
import { manifestOf } from '../shared/channels/slack-app/manifest.ts'
import { UsageError } from './command.ts'
import type { SLACK_MANIFEST } from './commands/slack.ts'
import type { Given } from './frame/spec.ts'
import { stageName } from './rules/live/place.ts'

/** Prints the manifest of a stage's Slack app. */
export async function slackManifest({ options }: Given<typeof SLACK_MANIFEST>): Promise<number> {
  const { stage, url, json } = options
  if (stage === undefined) throw new UsageError('Which stage is the app for? As in --stage prod')
  stageName(stage)
  if (url !== undefined && !isHttps(url)) throw new UsageError(`--url ${url}: the inbox has an https URL`)
  const inbox = url ?? (await inboxOf(`alert-router-${stage}`))
  if (inbox === undefined) {
    process.stderr.write(
      `Stage ${stage} has no inbox: the app gets no buttons to answer by. Set inbox: 'on', deploy, and run this again (docs/inbox.md).\n`,
    )
  }
  const manifest = manifestOf(stage, inbox)
  process.stdout.write(json ? `${JSON.stringify(manifest)}\n` : stringify(manifest))
  return 0
}

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:'
}

/** The inbox's URL; `undefined`: it is off. */
async function inboxOf(StackName: string): Promise<string | undefined> {
  const client = new CloudFormationClient(clientOptions)
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }))
    return stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'InboxLambdaFunctionUrl')?.OutputValue
  } catch (error) {
    const { name, message } = error as Error
    const why = `${message} Give the inbox's URL as --url, and AWS is not asked.`
    throw Object.assign(new Error(why), { name: /does not exist/.test(message) ? 'NoSuchRouter' : name })
  } finally {
    client.destroy()
  }
}
