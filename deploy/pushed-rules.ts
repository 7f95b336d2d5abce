import {
  type AppConfigClient,
  DeleteHostedConfigurationVersionCommand,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListHostedConfigurationVersions,
} from '@aws-sdk/client-appconfig'
import { PROFILES } from './live-config.ts'

/**
 * Deletes all pushed versions of a stack's rules, and returns how many there were. CloudFormation does not know them,
 * and AppConfig deletes no profile that still has one: without this, a stack that rules were pushed to can't be removed.
 * 0 where there is no such stack (any more).
 * @param name the application's, as in the stack
 */
export async function deletePushedRules(client: AppConfigClient, name: string): Promise<number> {
  const ApplicationId = (await named(paginateListApplications({ client }, {}), name))?.Id
  if (ApplicationId === undefined) return 0
  const profiles = paginateListConfigurationProfiles({ client }, { ApplicationId })
  const ConfigurationProfileId = (await named(profiles, PROFILES.rules))?.Id
  if (ConfigurationProfileId === undefined) return 0
  const place = { ApplicationId, ConfigurationProfileId }
  const numbers: number[] = []
  for await (const { Items = [] } of paginateListHostedConfigurationVersions({ client }, place)) {
    numbers.push(...Items.flatMap(({ VersionNumber }) => VersionNumber ?? []))
  }
  for (const VersionNumber of numbers) {
    await client.send(new DeleteHostedConfigurationVersionCommand({ ...place, VersionNumber }))
  }
  return numbers.length
}

/** The first item with this name in one of AppConfig's lists; reads no further. */
export async function named<Item extends { Name?: string | undefined }>(
  pages: AsyncIterable<{ Items?: Item[] | undefined }>,
  name: string,
): Promise<Item | undefined> {
  for await (const { Items = [] } of pages) {
    const found = Items.find(({ Name }) => Name === name)
    if (found) return found
  }
  return undefined
}
