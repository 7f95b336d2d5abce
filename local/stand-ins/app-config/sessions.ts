import type { HttpAnswer, Request } from '../exchange.ts'
import { refused } from './answers.ts'
import { type Application, type HostedVersion, nameOf, type Session } from './application.ts'
import { stateOf } from './deployments.ts'

const DAY_MS = 86_400_000

export function startSession(app: Application, { json }: Request): HttpAnswer {
  const { ConfigurationProfileIdentifier: id = '', RequiredMinimumPollIntervalInSeconds: seconds } = json as {
    ConfigurationProfileIdentifier?: string
    RequiredMinimumPollIntervalInSeconds?: number
  }
  if (!app.hosted.has(nameOf(id))) {
    return refused(404, 'ResourceNotFoundException', 'no such profile', { ResourceType: 'ConfigurationProfile' })
  }
  if (seconds !== undefined && (seconds < 15 || seconds > 86_400)) {
    return refused(400, 'BadRequestException', 'RequiredMinimumPollIntervalInSeconds must be 15 to 86400')
  }
  const session = { number: app.sessions++, profile: nameOf(id), intervalS: seconds ?? 60 }
  return { status: 201, body: { InitialConfigurationToken: tokenFor(app, session) } }
}

function tokenFor(app: Application, session: Session): string {
  const token = crypto.randomUUID()
  app.tokens.set(token, { session, madeAt: app.now() })
  return token
}

export function latest(app: Application, token: string): HttpAnswer {
  const found = app.tokens.get(token)
  if (!found || app.used.has(token)) return badToken('Corrupted')
  const { session, madeAt } = found
  if (app.now() - madeAt > DAY_MS) return badToken('Expired')
  if (session.polledAt !== undefined && app.now() - session.polledAt < session.intervalS * 1_000) {
    return badToken('PollIntervalNotSatisfied')
  }
  const version = reached(app, session)
  if (!version) {
    return refused(404, 'ResourceNotFoundException', 'nothing is deployed', { ResourceType: 'Deployment' })
  }
  app.used.add(token)
  const isNew = session.seen !== version.number
  Object.assign(session, { polledAt: app.now(), seen: version.number })
  return {
    status: 200,
    headers: {
      'next-poll-configuration-token': tokenFor(app, session),
      'next-poll-interval-in-seconds': String(session.intervalS),
      'content-type': version.contentType,
      ...(isNew && version.label !== undefined ? { 'version-label': version.label } : {}),
    },
    body: isNew ? String(version.content) : '',
  }
}

/**
 * What a client receives: the deployed version, or the one being deployed if the roll-out has reached this client.
 */
function reached(app: Application, { number, profile }: Session): HostedVersion | undefined {
  const position = (number * 37) % 100
  const deployment = app.deployments.findLast((one) => {
    // A rolled back version is at 0 %.
    return one.profile === profile && position < stateOf(app, one).PercentageComplete
  })
  return app.hosted.get(profile)?.find((version) => version.number === deployment?.version)
}

function badToken(Problem: string): HttpAnswer {
  return refused(400, 'BadRequestException', `ConfigurationToken: ${Problem}`, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem } } },
  })
}
