import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { getCACertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import type { Certificate } from '../local/stand-ins/index.ts'
import { type StandIn, startStandIn } from '../local/stand-ins/stand-in.ts'
import { REGION } from '../local/topology.ts'

/*
 * Others that send CloudWatch alarms to Slack, as their users have them: one function that SNS invokes, and that posts to a
 * webhook. docs/performance.md says how to get them.
 */

/** Where they are on this machine; one without a folder is left out. */
export interface PeerFolders {
  notifySlack: string | undefined
  assertible: string | undefined
  /** A Python with boto3, as Lambda's runtime has it. */
  python: string
}

export interface Peer {
  name: 'notify-slack' | 'assertible'
  program: string
  args: string[]
  environment: Record<string, string>
}

const INVOKE = fileURLToPath(new URL('invoke.py', import.meta.url))

/** Those that are there, and a line about them or about those that are not. */
export function peersIn(folders: PeerFolders, folder: string): { peers: Peer[]; about: string } {
  const peers: Peer[] = []
  const about: string[] = []
  const leftOut: string[] = []
  if (folders.notifySlack === undefined) leftOut.push('--notify-slack')
  else {
    const { program, version } = pythonWithBoto3(folders.python)
    peers.push(notifySlack(folders.notifySlack, program, folder))
    about.push(`notify-slack with ${version}.`)
  }
  if (folders.assertible === undefined) leftOut.push('--assertible')
  else peers.push(assertible(folders.assertible))
  if (leftOut.length > 0) {
    about.push(`Left out, without ${leftOut.join(' and ')}: docs/performance.md says how to get other projects.`)
  }
  return { peers, about: about.join(' ') }
}

/** terraform-aws-modules/terraform-aws-notify-slack. */
function notifySlack(from: string, program: string, folder: string): Peer {
  const source = existing(from, 'functions/notify_slack.py', '--notify-slack', 'git clone')
  // A copy: Python keeps what it compiled beside it.
  const module = join(folder, 'notify_slack.py')
  copyFileSync(source, module)
  return {
    name: 'notify-slack',
    program,
    args: [INVOKE, module],
    environment: { SLACK_CHANNEL: 'alerts', SLACK_USERNAME: 'aws', SLACK_EMOJI: ':aws:' },
  }
}

/** assertible/lambda-cloudwatch-slack. */
function assertible(from: string): Peer {
  const bundle = existing(from, 'index.js', '--assertible', 'git clone')
  existing(from, 'node_modules/aws-sdk', '--assertible', 'npm ci --omit=dev --ignore-scripts')
  const invoke = fileURLToPath(new URL('invoke.cjs', import.meta.url))
  return { name: 'assertible', program: process.execPath, args: [invoke, bundle], environment: {} }
}

/** @throws {Error} that says what is not there, and what makes it. */
function existing(folder: string, file: string, option: string, by: string): string {
  const path = resolve(folder, file)
  if (existsSync(path)) return path
  throw new Error(
    `${option} ${folder}: there is no ${file}. "${by}" makes it: docs/performance.md, "Beside other projects"`,
  )
}

/** The program itself: what is on the path may be a script that looks for it first. */
function pythonWithBoto3(python: string): { program: string; version: string } {
  const ask =
    'import boto3, platform, sys; print(sys.executable, platform.python_version(), boto3.__version__, sep="\\n")'
  try {
    const said = execFileSync(python, ['-c', ask], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const [program = '', version, boto3] = said.trim().split('\n')
    return { program, version: `Python ${version} and boto3 ${boto3}` }
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    const reason = stderr?.trim().split('\n').at(-1) || String(error)
    throw new Error(`--python ${python}: can't import boto3 (${reason}). docs/performance.md says how to install it`)
  }
}

/** Slack's webhook for them, by TLS. What they have sent is in its `requests`. */
export function startWebhook(tls: Certificate): Promise<StandIn> {
  return startStandIn({
    tls,
    answer: () => ({ status: 200, body: 'ok' }),
    capture: ({ path, bytes }) => ({ path, body: bytes.toString() }),
  })
}

/** What a peer finds in its environment, beside what it alone needs. */
export function peerEnvironment(webhook: StandIn, authority: string, folder: string): Record<string, string> {
  const url = `${webhook.url}/services/T0/B0/peer`
  // In Python this replaces the system's, which a real start reads, too.
  const all = join(folder, 'peers.pem')
  writeFileSync(all, [...getCACertificates('bundled'), authority].join('\n'))
  const certificate = join(folder, 'peer.pem')
  writeFileSync(certificate, authority)
  return {
    ...CREDENTIALS_ENVIRONMENT,
    ...{ AWS_REGION: REGION, SSL_CERT_FILE: all, NODE_EXTRA_CA_CERTS: certificate },
    ...{ SLACK_WEBHOOK_URL: url, UNENCRYPTED_HOOK_URL: url },
  }
}
