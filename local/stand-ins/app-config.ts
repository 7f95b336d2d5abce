import type { HttpAnswer, Request } from './exchange.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

/** One application with one environment and what has been stored and deployed in it. */
export interface AppConfigStandIn extends StandIn {
  /** Hosted versions of a profile, the oldest first. */
  versions(profile: string): HostedVersion[]
  /** Stores a version, as a stack's template does. */
  store(profile: string, content: string): HostedVersion
  /** The oldest first. */
  deployments: Deployment[]
  /** One of the environment's alarms goes off: what is being deployed is rolled back. */
  alarm(): void
  /** CloudWatch's alarms, by their names, as DescribeAlarms gives them: those that watch over the environment. */
  alarms: Record<string, { StateValue: string; ActionsEnabled: boolean; AlarmDescription?: string }>
}

export interface HostedVersion {
  number: number
  content: Buffer
  contentType: string
  label: string | undefined
  description: string | undefined
}

export interface Deployment {
  number: number
  profile: string
  version: number
  startedAt: number
  strategy?: Strategy
  /** When an alarm went off meanwhile, or somebody stopped it. */
  rolledBackAt?: number
  /** Who stopped it; else an alarm did. */
  stoppedBy?: 'USER'
  /** It was complete when somebody took it back. */
  isReverted?: true
}

interface Strategy {
  name: string
  minutes: number
  growthPercent: number
  bakeMinutes: number
}

interface Options {
  application: string
  environment: string
  profiles: string[]
  /** The first is that of deployments which a test makes itself. */
  strategies: Strategy[]
  /** The profiles' Lambda validator: throws on what it refuses. */
  validate?: (content: string) => void
  /** ms since 1970 */
  now?: () => number
  /** A version's largest size. AppConfig's is a quota of 1 MB or more. */
  maxBytes?: number
  /** Names of the alarms that watch over the environment. Each is OK at first. */
  monitors?: string[]
}

/** What a session of the data plane knows. */
interface Session {
  /** Counts from 0: decides when in a roll-out this client is reached. */
  number: number
  profile: string
  intervalS: number
  polledAt?: number
  seen?: number
}

const DAY_MS = 86_400_000
const ALARM = 'alert-router-prod-errors'
const arnOf = (alarm: string) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${alarm}`
/** A roll-out that was complete so long ago can't be taken back (API Reference, StopDeployment). */
const REVERT_MS = 3 * DAY_MS

/**
 * AWS AppConfig, as documented: what we use of its control plane (AWS_ENDPOINT_URL_APPCONFIG) and its data plane
 * (AWS_ENDPOINT_URL_APPCONFIGDATA), and the alarms that it looks at (AWS_ENDPOINT_URL_CLOUDWATCH), on one port. An id is the name with "id-" before it.
 */
export async function startAppConfig(options: Options): Promise<AppConfigStandIn> {
  const { strategies, now = Date.now, maxBytes = 1_024 * 1_024, monitors = [ALARM] } = options
  const hosted = new Map<string, HostedVersion[]>(options.profiles.map((profile) => [profile, []]))
  const deployments: Deployment[] = []
  const tokens = new Map<string, { session: Session; madeAt: number }>()
  const used = new Set<string>()
  const alarms: AppConfigStandIn['alarms'] = Object.fromEntries(
    monitors.map((name) => [name, { StateValue: 'OK', ActionsEnabled: true }]),
  )
  let sessions = 0

  function answer(request: Request): HttpAnswer {
    if (String(request.headers['x-amz-target']).endsWith('.DescribeAlarms')) return describeAlarms(request)
    const url = new URL(request.path, 'http://stand-in')
    const path = url.pathname.split('/').slice(1).map(decodeURIComponent)
    const call = `${request.method} ${path.map((part, index) => (index % 2 === 0 ? part : '*')).join('/')}`
    switch (call) {
      case 'GET applications':
        return items([{ Id: `id-${options.application}`, Name: options.application }])
      case 'GET applications/*/environments':
        return items([
          {
            Id: `id-${options.environment}`,
            Name: options.environment,
            Monitors: monitors.map((name) => ({ AlarmArn: arnOf(name) })),
          },
        ])
      case 'GET applications/*/configurationprofiles':
        return items(options.profiles.map((name) => ({ Id: `id-${name}`, Name: name, LocationUri: 'hosted' })))
      case 'GET deploymentstrategies':
        return items(strategies.map(({ name }) => ({ Id: `id-${name}`, Name: name })))
      case 'GET applications/*/configurationprofiles/*/hostedconfigurationversions':
        return items(versionsOf(path[3]).map(summaryOf).reverse())
      case 'POST applications/*/configurationprofiles/*/hostedconfigurationversions':
        return createVersion(path[3], request)
      case 'GET applications/*/configurationprofiles/*/hostedconfigurationversions/*':
        return getVersion(path[3], Number(path[5]))
      case 'POST applications/*/configurationprofiles/*/validators':
        return validate(path[3], Number(url.searchParams.get('configuration_version'))) ?? { status: 204 }
      case 'DELETE applications/*/configurationprofiles/*/hostedconfigurationversions/*':
        return deleteVersion(path[3], Number(path[5]))
      case 'DELETE applications/*/configurationprofiles/*':
        return deleteProfile(path[3])
      case 'GET applications/*/environments/*/deployments':
        return items(deployments.map((one) => deploymentOf(one)).reverse())
      case 'POST applications/*/environments/*/deployments':
        return startDeployment(request)
      case 'GET applications/*/environments/*/deployments/*':
        return getDeployment(Number(path[5]))
      case 'DELETE applications/*/environments/*/deployments/*':
        return stopDeployment(Number(path[5]), request.headers['allow-revert'] === 'true')
      case 'POST configurationsessions':
        return startSession(request)
      case 'GET configuration':
        return latest(url.searchParams.get('configuration_token') ?? '')
      default:
        return refused(404, 'ResourceNotFoundException', `there is no ${call}`)
    }
  }

  /** CloudWatch leaves out what it does not know. */
  function describeAlarms({ json }: Request): HttpAnswer {
    const { AlarmNames } = json as { AlarmNames: string[] }
    const known = AlarmNames.filter((name) => name in alarms)
    return { status: 200, body: { MetricAlarms: known.map((AlarmName) => ({ AlarmName, ...alarms[AlarmName] })) } }
  }

  function versionsOf(id: string | undefined): HostedVersion[] {
    return hosted.get(nameOf(id)) ?? []
  }

  function store(profile: string, content: Buffer, headers: Request['headers'] = {}): HostedVersion {
    const versions = hosted.get(profile)
    if (!versions) throw new Error(`no profile is called ${profile}`)
    const version = {
      number: (versions.at(-1)?.number ?? 0) + 1,
      content,
      contentType: String(headers['content-type'] ?? 'text/plain'),
      label: headers.versionlabel as string | undefined,
      description: headers.description as string | undefined,
    }
    versions.push(version)
    return version
  }

  function createVersion(profile: string | undefined, { headers, bytes }: Request): HttpAnswer {
    if (!hosted.has(nameOf(profile))) return refused(404, 'ResourceNotFoundException', 'no such configuration profile')
    if (bytes.length > maxBytes) {
      return refused(413, 'PayloadTooLargeException', 'The configuration size is too large.', {
        Limit: maxBytes / 1_024,
        Measure: 'KILOBYTES',
        Size: Math.ceil(bytes.length / 1_024),
      })
    }
    const known = versionsOf(profile)
    const expected = headers['latest-version-number']
    if (expected !== undefined && Number(expected) !== (known.at(-1)?.number ?? 0)) {
      return refused(409, 'ConflictException', 'The latest version number is another one by now.')
    }
    const label = headers.versionlabel
    if (label !== undefined && (/^\d+$/.test(String(label)) || String(label).length > 64)) {
      return refused(400, 'BadRequestException', 'A version label must contain at least one non-numeric character.')
    }
    if (label !== undefined && known.some((version) => version.label === label)) {
      return refused(409, 'ConflictException', 'This version label is used already.')
    }
    const version = store(nameOf(profile), bytes, headers)
    return { status: 201, headers: { ...headersOf(version), 'content-type': version.contentType }, body: String(bytes) }
  }

  function getVersion(profile: string | undefined, number: number): HttpAnswer {
    const version = versionsOf(profile).find((one) => one.number === number)
    if (!version) return refused(404, 'ResourceNotFoundException', `no version ${number}`)
    return {
      status: 200,
      headers: { ...headersOf(version), 'content-type': version.contentType },
      body: String(version.content),
    }
  }

  function deleteVersion(profile: string | undefined, number: number): HttpAnswer {
    const versions = versionsOf(profile)
    const index = versions.findIndex((one) => one.number === number)
    if (index < 0) return refused(404, 'ResourceNotFoundException', `no version ${number}`)
    versions.splice(index, 1)
    return { status: 204 }
  }

  function deleteProfile(profile: string | undefined): HttpAnswer {
    if (versionsOf(profile).length > 0) {
      return refused(
        400,
        'BadRequestException',
        `Cannot delete configuration profile ${profile} because there are still hosted configuration versions existing under it.`,
      )
    }
    hosted.delete(nameOf(profile))
    return { status: 204 }
  }

  function validate(profile: string | undefined, number: number): HttpAnswer | undefined {
    const version = versionsOf(profile).find((one) => one.number === number)
    if (!version) return refused(404, 'ResourceNotFoundException', `no version ${number}`)
    try {
      options.validate?.(String(version.content))
      return undefined
    } catch (error) {
      const Reason = (error as Error).message
      return refused(400, 'BadRequestException', 'Error validating the configuration with the Lambda function.', {
        Reason: 'InvalidConfiguration',
        Details: { InvalidConfiguration: [{ Type: 'LAMBDA', Reason }] },
      })
    }
  }

  function startDeployment({ json }: Request): HttpAnswer {
    const { ConfigurationProfileId, ConfigurationVersion, DeploymentStrategyId } = json as Record<string, string>
    const strategy = strategies.find(({ name }) => name === nameOf(DeploymentStrategyId))
    if (!strategy) {
      return refused(404, 'ResourceNotFoundException', 'no such deployment strategy')
    }
    if (deployments.some((one) => isOngoing(stateOf(one).State))) {
      return refused(409, 'ConflictException', 'The environment is being deployed to.')
    }
    const invalid = validate(ConfigurationProfileId, Number(ConfigurationVersion))
    if (invalid) return invalid
    const deployment = {
      number: deployments.length + 1,
      profile: nameOf(ConfigurationProfileId),
      version: Number(ConfigurationVersion),
      startedAt: now(),
      strategy,
    }
    deployments.push(deployment)
    return { status: 201, body: deploymentOf(deployment) }
  }

  function getDeployment(number: number): HttpAnswer {
    const deployment = deployments.find((one) => one.number === number)
    if (!deployment) return refused(404, 'ResourceNotFoundException', `no deployment ${number}`)
    return { status: 200, body: { ...deploymentOf(deployment), EventLog: eventsOf(deployment) } }
  }

  function stopDeployment(number: number, mayRevert: boolean): HttpAnswer {
    const deployment = deployments.find((one) => one.number === number)
    if (!deployment) return refused(404, 'ResourceNotFoundException', `no deployment ${number}`)
    const { State } = stateOf(deployment)
    const isOld = now() - endOf(deployment) > REVERT_MS
    const canRevert = mayRevert && (State === 'BAKING' || (State === 'COMPLETE' && !isOld))
    if (State !== 'DEPLOYING' && !canRevert) {
      return refused(400, 'BadRequestException', `A deployment that is ${State} can't be stopped.`)
    }
    Object.assign(deployment, { rolledBackAt: now(), stoppedBy: 'USER' })
    if (State === 'COMPLETE') deployment.isReverted = true
    return { status: 202, body: deploymentOf(deployment) }
  }

  /** ms since 1970 */
  function endOf({ startedAt, ...deployment }: Deployment): number {
    const { minutes, bakeMinutes } = strategyOf(deployment)
    return startedAt + (minutes + bakeMinutes) * 60_000
  }

  function stateOf({ startedAt, rolledBackAt, isReverted, ...deployment }: Deployment) {
    const strategy = strategyOf(deployment)
    const minutes = (now() - startedAt) / 60_000
    const steps = Math.floor((minutes / (strategy.minutes || 1)) * (100 / strategy.growthPercent)) + 1
    const PercentageComplete = strategy.minutes === 0 ? 100 : Math.min(100, steps * strategy.growthPercent)
    if (isReverted) return { State: 'REVERTED', PercentageComplete: 0 }
    if (rolledBackAt !== undefined) return { State: 'ROLLED_BACK', PercentageComplete: 0 }
    if (minutes < strategy.minutes) return { State: 'DEPLOYING', PercentageComplete }
    if (minutes < strategy.minutes + strategy.bakeMinutes) return { State: 'BAKING', PercentageComplete: 100 }
    return { State: 'COMPLETE', PercentageComplete: 100 }
  }

  function strategyOf({ strategy = strategies[0] }: Pick<Deployment, 'strategy'>): Strategy {
    return strategy ?? { name: 'none', minutes: 0, growthPercent: 100, bakeMinutes: 0 }
  }

  function deploymentOf(deployment: Deployment) {
    const strategy = strategyOf(deployment)
    return {
      DeploymentNumber: deployment.number,
      ConfigurationProfileId: `id-${deployment.profile}`,
      ConfigurationName: deployment.profile,
      ConfigurationVersion: String(deployment.version),
      StartedAt: new Date(deployment.startedAt).toISOString(),
      DeploymentDurationInMinutes: strategy.minutes,
      FinalBakeTimeInMinutes: strategy.bakeMinutes,
      ...stateOf(deployment),
    }
  }

  /** The newest first. */
  function eventsOf({ startedAt, rolledBackAt, stoppedBy }: Deployment) {
    const started = {
      EventType: 'DEPLOYMENT_STARTED',
      TriggeredBy: 'USER',
      Description: 'Deployment started',
      OccurredAt: new Date(startedAt).toISOString(),
    }
    if (rolledBackAt === undefined) return [started]
    const OccurredAt = new Date(rolledBackAt).toISOString()
    const why =
      stoppedBy === undefined
        ? { TriggeredBy: 'CLOUDWATCH_ALARM', Description: `Rollback initiated by ${arnOf(ALARM)}` }
        : { TriggeredBy: stoppedBy, Description: 'Rollback initiated by the user' }
    return [{ EventType: 'ROLLBACK_STARTED', ...why, OccurredAt }, started]
  }

  function startSession({ json }: Request): HttpAnswer {
    const { ConfigurationProfileIdentifier: id = '', RequiredMinimumPollIntervalInSeconds: seconds } = json as {
      ConfigurationProfileIdentifier?: string
      RequiredMinimumPollIntervalInSeconds?: number
    }
    if (!hosted.has(nameOf(id))) {
      return refused(404, 'ResourceNotFoundException', 'no such profile', { ResourceType: 'ConfigurationProfile' })
    }
    if (seconds !== undefined && (seconds < 15 || seconds > 86_400)) {
      return refused(400, 'BadRequestException', 'RequiredMinimumPollIntervalInSeconds must be 15 to 86400')
    }
    const session = { number: sessions++, profile: nameOf(id), intervalS: seconds ?? 60 }
    return { status: 201, body: { InitialConfigurationToken: tokenFor(session) } }
  }

  function tokenFor(session: Session): string {
    const token = crypto.randomUUID()
    tokens.set(token, { session, madeAt: now() })
    return token
  }

  function latest(token: string): HttpAnswer {
    const found = tokens.get(token)
    if (!found || used.has(token)) return badToken('Corrupted')
    const { session, madeAt } = found
    if (now() - madeAt > DAY_MS) return badToken('Expired')
    if (session.polledAt !== undefined && now() - session.polledAt < session.intervalS * 1_000) {
      return badToken('PollIntervalNotSatisfied')
    }
    const version = reached(session)
    if (!version) {
      return refused(404, 'ResourceNotFoundException', 'nothing is deployed', { ResourceType: 'Deployment' })
    }
    used.add(token)
    const isNew = session.seen !== version.number
    Object.assign(session, { polledAt: now(), seen: version.number })
    return {
      status: 200,
      headers: {
        'next-poll-configuration-token': tokenFor(session),
        'next-poll-interval-in-seconds': String(session.intervalS),
        'content-type': version.contentType,
        ...(isNew && version.label !== undefined ? { 'version-label': version.label } : {}),
      },
      body: isNew ? String(version.content) : '',
    }
  }

  /** What a client is given: the version that is deployed, or is being deployed and has come as far as to this one. */
  function reached({ number, profile }: Session): HostedVersion | undefined {
    const position = (number * 37) % 100
    const deployment = deployments.findLast((one) => {
      // Of what was rolled back, 0 %.
      return one.profile === profile && position < stateOf(one).PercentageComplete
    })
    return hosted.get(profile)?.find((version) => version.number === deployment?.version)
  }

  const standIn = await startStandIn({
    answer,
    capture: ({ method, path, json }) => ({ path: `${method} ${path.replace(/token=.*/, 'token=…')}`, body: json }),
  })
  return {
    ...standIn,
    versions: (profile) => [...(hosted.get(profile) ?? [])],
    store: (profile, content) => store(profile, Buffer.from(content)),
    deployments,
    alarms,
    alarm() {
      for (const one of deployments) if (isOngoing(stateOf(one).State)) one.rolledBackAt = now()
    },
  }
}

function nameOf(id: string | undefined): string {
  return (id ?? '').replace(/^id-/, '')
}

function isOngoing(state: string): boolean {
  return state === 'DEPLOYING' || state === 'BAKING'
}

function summaryOf({ number, contentType, label, description }: HostedVersion) {
  return { VersionNumber: number, ContentType: contentType, VersionLabel: label, Description: description }
}

function headersOf({ number, label, description }: HostedVersion): Record<string, string> {
  return {
    'version-number': String(number),
    ...(label !== undefined && { versionlabel: label }),
    ...(description !== undefined && { description }),
  }
}

function items(Items: object[]): HttpAnswer {
  return { status: 200, body: { Items } }
}

function badToken(Problem: string): HttpAnswer {
  return refused(400, 'BadRequestException', `ConfigurationToken: ${Problem}`, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem } } },
  })
}

function refused(status: number, type: string, Message: string, more: object = {}): HttpAnswer {
  return { status, headers: { 'x-amzn-errortype': type }, body: { Message, ...more } }
}
