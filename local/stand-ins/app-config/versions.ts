import type { HttpAnswer, Request } from '../exchange.ts'
import { refused } from './answers.ts'
import { type Application, type HostedVersion, nameOf } from './application.ts'

export function versionsOf(app: Application, id: string | undefined): HostedVersion[] {
  return app.hosted.get(nameOf(id)) ?? []
}

export function store(
  app: Application,
  profile: string,
  content: Buffer,
  headers: Request['headers'] = {},
): HostedVersion {
  const versions = app.hosted.get(profile)
  if (!versions) throw new Error(`no profile named ${profile}`)
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

export function createVersion(app: Application, profile: string | undefined, { headers, bytes }: Request): HttpAnswer {
  if (!app.hosted.has(nameOf(profile)))
    return refused(404, 'ResourceNotFoundException', 'no such configuration profile')
  if (bytes.length > app.maxBytes) {
    return refused(413, 'PayloadTooLargeException', 'The configuration size is too large.', {
      Limit: app.maxBytes / 1_024,
      Measure: 'KILOBYTES',
      Size: Math.ceil(bytes.length / 1_024),
    })
  }
  const known = versionsOf(app, profile)
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
  const version = store(app, nameOf(profile), bytes, headers)
  return { status: 201, headers: { ...headersOf(version), 'content-type': version.contentType }, body: String(bytes) }
}

export function getVersion(app: Application, profile: string | undefined, number: number): HttpAnswer {
  const version = versionsOf(app, profile).find((one) => one.number === number)
  if (!version) return refused(404, 'ResourceNotFoundException', `no version ${number}`)
  return {
    status: 200,
    headers: { ...headersOf(version), 'content-type': version.contentType },
    body: String(version.content),
  }
}

export function deleteVersion(app: Application, profile: string | undefined, number: number): HttpAnswer {
  const versions = versionsOf(app, profile)
  const index = versions.findIndex((one) => one.number === number)
  if (index < 0) return refused(404, 'ResourceNotFoundException', `no version ${number}`)
  versions.splice(index, 1)
  return { status: 204 }
}

export function deleteProfile(app: Application, profile: string | undefined): HttpAnswer {
  if (versionsOf(app, profile).length > 0) {
    return refused(
      400,
      'BadRequestException',
      `Cannot delete configuration profile ${profile} because there are still hosted configuration versions existing under it.`,
    )
  }
  app.hosted.delete(nameOf(profile))
  return { status: 204 }
}

export function validate(app: Application, profile: string | undefined, number: number): HttpAnswer | undefined {
  const version = versionsOf(app, profile).find((one) => one.number === number)
  if (!version) return refused(404, 'ResourceNotFoundException', `no version ${number}`)
  try {
    app.refuse?.(String(version.content))
    return undefined
  } catch (error) {
    const Reason = (error as Error).message
    return refused(400, 'BadRequestException', 'Error validating the configuration with the Lambda function.', {
      Reason: 'InvalidConfiguration',
      Details: { InvalidConfiguration: [{ Type: 'LAMBDA', Reason }] },
    })
  }
}

export function summaryOf({ number, contentType, label, description }: HostedVersion) {
  return { VersionNumber: number, ContentType: contentType, VersionLabel: label, Description: description }
}

function headersOf({ number, label, description }: HostedVersion): Record<string, string> {
  return {
    'version-number': String(number),
    ...(label !== undefined && { versionlabel: label }),
    ...(description !== undefined && { description }),
  }
}
