import { ALARM, arnOf, describeAlarms } from './app-config/alarms.ts'
import { items, refused } from './app-config/answers.ts'
import type { Application, Deployment, HostedVersion, Strategy } from './app-config/application.ts'
import {
  deploymentOf,
  getDeployment,
  isOngoing,
  startDeployment,
  stateOf,
  stopDeployment,
} from './app-config/deployments.ts'
import { latest, startSession } from './app-config/sessions.ts'
import {
  createVersion,
  deleteProfile,
  deleteVersion,
  getVersion,
  store,
  summaryOf,
  validate,
  versionsOf,
} from './app-config/versions.ts'
import type { HttpAnswer, Request } from './exchange.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

/** One application with one environment, its stored versions and its deployments. */
export interface AppConfigStandIn extends StandIn {
  /** Hosted versions of a profile, oldest first. */
  versions(profile: string): HostedVersion[]
  /** Stores a version, as a stack's template does. */
  store(profile: string, content: string): HostedVersion
  /** The oldest first. */
  deployments: Deployment[]
  /** One of the environment's alarms fires: the running deployment is rolled back. */
  alarm(): void
  /** CloudWatch's alarms, by name, as DescribeAlarms returns them: those that monitor the environment. */
  alarms: Application['alarms']
}

interface Options {
  application: string
  environment: string
  profiles: string[]
  /** The first is for deployments that a test makes itself. */
  strategies: Strategy[]
  /** The profiles' Lambda validator: throws on what it rejects. */
  validate?: (content: string) => void
  /** ms since 1970 */
  now?: () => number
  /** A version's maximum size. AppConfig's is a quota of 1 MB or more. */
  maxBytes?: number
  /** Names of the alarms that monitor the environment. Each is OK at first. */
  monitors?: string[]
}

/**
 * AWS AppConfig, as documented: what we use of its control plane (AWS_ENDPOINT_URL_APPCONFIG) and its data plane
 * (AWS_ENDPOINT_URL_APPCONFIGDATA), and its alarms (AWS_ENDPOINT_URL_CLOUDWATCH), on one port.
 */
export async function startAppConfig(options: Options): Promise<AppConfigStandIn> {
  const app = applicationOf(options)
  const standIn = await startStandIn({
    answer: (request) => answer(app, options, request),
    capture: ({ method, path, json }) => ({ path: `${method} ${path.replace(/token=.*/, 'token=…')}`, body: json }),
  })
  return {
    ...standIn,
    versions: (profile) => [...(app.hosted.get(profile) ?? [])],
    store: (profile, content) => store(app, profile, Buffer.from(content)),
    deployments: app.deployments,
    alarms: app.alarms,
    alarm() {
      for (const one of app.deployments) if (isOngoing(stateOf(app, one).State)) one.rolledBackAt = app.now()
    },
  }
}

function applicationOf(options: Options): Application {
  const { profiles, strategies, validate, now = Date.now, maxBytes = 1_024 * 1_024, monitors = [ALARM] } = options
  return {
    hosted: new Map(profiles.map((profile) => [profile, []])),
    deployments: [],
    strategies,
    refuse: validate,
    now,
    maxBytes,
    tokens: new Map(),
    used: new Set(),
    sessions: 0,
    alarms: Object.fromEntries(monitors.map((name) => [name, { StateValue: 'OK', ActionsEnabled: true }])),
  }
}

function answer(app: Application, options: Options, request: Request): HttpAnswer {
  if (String(request.headers['x-amz-target']).endsWith('.DescribeAlarms')) return describeAlarms(app, request)
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
          Monitors: (options.monitors ?? [ALARM]).map((name) => ({ AlarmArn: arnOf(name) })),
        },
      ])
    case 'GET applications/*/configurationprofiles':
      return items(options.profiles.map((name) => ({ Id: `id-${name}`, Name: name, LocationUri: 'hosted' })))
    case 'GET deploymentstrategies':
      return items(app.strategies.map(({ name }) => ({ Id: `id-${name}`, Name: name })))
    case 'GET applications/*/configurationprofiles/*/hostedconfigurationversions':
      return items(versionsOf(app, path[3]).map(summaryOf).reverse())
    case 'POST applications/*/configurationprofiles/*/hostedconfigurationversions':
      return createVersion(app, path[3], request)
    case 'GET applications/*/configurationprofiles/*/hostedconfigurationversions/*':
      return getVersion(app, path[3], Number(path[5]))
    case 'POST applications/*/configurationprofiles/*/validators':
      return validate(app, path[3], Number(url.searchParams.get('configuration_version'))) ?? { status: 204 }
    case 'DELETE applications/*/configurationprofiles/*/hostedconfigurationversions/*':
      return deleteVersion(app, path[3], Number(path[5]))
    case 'DELETE applications/*/configurationprofiles/*':
      return deleteProfile(app, path[3])
    case 'GET applications/*/environments/*/deployments':
      return items(app.deployments.map((one) => deploymentOf(app, one)).reverse())
    case 'POST applications/*/environments/*/deployments':
      return startDeployment(app, request)
    case 'GET applications/*/environments/*/deployments/*':
      return getDeployment(app, Number(path[5]))
    case 'DELETE applications/*/environments/*/deployments/*':
      return stopDeployment(app, Number(path[5]), request.headers['allow-revert'] === 'true')
    case 'POST configurationsessions':
      return startSession(app, request)
    case 'GET configuration':
      return latest(app, url.searchParams.get('configuration_token') ?? '')
    default:
      return refused(404, 'ResourceNotFoundException', `no such operation: ${call}`)
  }
}
