import {
  AppConfigClient,
  type AppConfigClientConfig,
  DeleteConfigurationProfileCommand,
} from '@aws-sdk/client-appconfig'
import { afterEach, expect, test } from 'vitest'
import AlertsPlugin from '../cli/package/plugin.ts'
import { type AppConfigStandIn, startAppConfig } from '../local/stand-ins/index.ts'
import { NO_FUNCTIONS } from './package-service.ts'

/*
 * `serverless remove`: CloudFormation deletes the stack's configuration profiles, and AppConfig refuses to delete one in which
 * a version is left. What was pushed is not CloudFormation's.
 */
let server: AppConfigStandIn | undefined
afterEach(() => server?.close())

/** A stage that was deployed, and pushed to so often; and what serverless would do to it. */
async function stageWith(pushes: number) {
  server = await startAppConfig({
    application: 'alert-router-prod',
    environment: 'prod',
    profiles: ['rules', 'deployed'],
    strategies: [],
  })
  server.store('deployed', 'rules')
  for (let n = 0; n < pushes; n++) server.store('rules', `{"n":${n}}`)
  const config: AppConfigClientConfig = {
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  return { server, config }
}

function hookOf(stage: string, config: AppConfigClientConfig) {
  const plugin = new AlertsPlugin({
    serviceDir: '.',
    classes: { Error },
    getProvider: () => ({ getStage: () => stage, getAwsSdkV3Config: async () => config }),
    service: { ...NO_FUNCTIONS, provider: { compiledCloudFormationTemplate: { Resources: {} } } },
  })
  return plugin.hooks['before:remove:remove']
}

async function deleteProfile(config: AppConfigClientConfig): Promise<void> {
  const client = new AppConfigClient(config)
  const place = { ApplicationId: 'id-alert-router-prod', ConfigurationProfileId: 'id-rules' }
  await client.send(new DeleteConfigurationProfileCommand(place)).finally(() => client.destroy())
}

test('a stack that was pushed to is removed: first what was pushed, all of it', async () => {
  const { server, config } = await stageWith(60)
  await expect(deleteProfile(config)).rejects.toThrow('still hosted configuration versions')
  await hookOf('prod', config)()
  expect(server.versions('rules')).toEqual([])
  await deleteProfile(config)
})

test('what belongs to the stack is left to CloudFormation', async () => {
  const { server, config } = await stageWith(1)
  await hookOf('prod', config)()
  expect(server.versions('deployed')).toHaveLength(1)
})

test.each([
  ['that was never pushed to', 'prod', 0],
  ['that is not there, or no longer', 'other', 2],
])('a stack %s has nothing to delete', async (_what, stage, pushes) => {
  const { server, config } = await stageWith(pushes)
  await hookOf(stage, config)()
  expect(server.versions('rules')).toHaveLength(pushes)
})
