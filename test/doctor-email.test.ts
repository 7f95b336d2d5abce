import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Email } from '../cli/doctor/stage.ts'
import { versionOf } from '../shared/live-config/version.ts'
import { enterStage, leaveStage, look, type Shipped, shippedService } from './doctor-faults.ts'
import { rulesDocument, type StageInAws } from './doctor-stage.ts'

/** What the doctor says of a channel that SES sends: pushed rules name its sender. */

const EMAIL = { type: 'email', via: 'ses', from: 'alerts@ops.example.com', addresses: ['ann@example.org'] }
const WELL: Email = {
  account: { isInSandbox: false, maySend: true },
  identities: { 'example.com': 'verified' },
}

let shipped: Shipped
let aws: StageInAws
beforeAll(async () => {
  shipped = await shippedService()
}, 120_000)
beforeEach(async () => {
  aws = await enterStage(shipped)
})
afterEach(() => leaveStage(aws))

function pushWithEmail(email: object): void {
  const { template, appConfig } = aws
  const rules = JSON.parse(rulesDocument(template))
  const config = { ...rules, channels: { ...rules.channels, email } }
  const version = versionOf(JSON.stringify(config))
  const base = versionOf(rulesDocument(template))
  const stored = appConfig.store('rules', JSON.stringify({ version, base, config, cases: [] }))
  stored.label = `${version}-${stored.number}`
  appConfig.deployments.push({ number: 1, profile: 'rules', version: stored.number, startedAt: 0 })
}

/** Of SES alone: the pushed rules are not those that are here. */
async function foundOfSes(email: Email) {
  aws.is.email = email
  pushWithEmail(EMAIL)
  const { findings } = await look(shipped)
  return findings.filter(({ id, about }) => /^ses-|-not-verified$/.test(id) || /^SES/.test(about))
}

const short = (all: Awaited<ReturnType<typeof foundOfSes>>) =>
  all.map(({ severity, id, about }) => [severity, id, about])

test('nothing, if a domain above that of the sender is verified', async () => {
  expect(await foundOfSes(WELL)).toEqual([])
})

test('SES is not asked without such a channel', async () => {
  await look(shipped)
  expect(aws.standIn.requests.filter(({ path }) => path.startsWith('ses:'))).toEqual([])
})

describe('a sender that SES refuses', () => {
  test('has no identity', async () => {
    const found = await foundOfSes({ ...WELL, identities: {} })
    expect(short(found)).toEqual([['error', 'sender-not-verified', 'alerts@ops.example.com']])
    expect(found[0]?.what).toBe(
      'SES refuses this sender: no identity of SES has it: alerts@ops.example.com, ops.example.com, example.com.',
    )
    expect(found[0]?.fix).toEqual([
      'aws sesv2 create-email-identity --email-identity ops.example.com --region eu-central-1',
    ])
  })

  test.each([
    ['example.com', /DKIM records in DNS/],
    ['alerts@ops.example.com', /sent it a mail/],
  ])('is of %s, which is not verified yet', async (identity, why) => {
    const found = await foundOfSes({ ...WELL, identities: { [identity]: 'pending' } })
    expect(short(found)).toEqual([['error', 'sender-not-verified', 'alerts@ops.example.com']])
    expect(found[0]?.what).toMatch(why)
    expect(found[0]?.fix[0]).toContain(`get-email-identity --email-identity ${identity}`)
  })
})

describe('an account', () => {
  test('in the sandbox sends to verified addresses alone', async () => {
    const account = { isInSandbox: true, maySend: true }
    const found = await foundOfSes({ ...WELL, account })
    expect(short(found)).toEqual([
      ['error', 'recipient-not-verified', 'ann@example.org'],
      ['warning', 'ses-sandbox', 'SES in eu-central-1'],
    ])
    expect(found[0]?.fix[0]).toContain('create-email-identity --email-identity ann@example.org')
    const verified = { 'example.com': 'verified', 'ann@example.org': 'verified' } as const
    aws.is.email = { account, identities: verified }
    expect(short(await foundOfSes(aws.is.email))).toEqual([['warning', 'ses-sandbox', 'SES in eu-central-1']])
  })

  test('that may not send', async () => {
    const found = await foundOfSes({ ...WELL, account: { isInSandbox: false, maySend: false } })
    expect(short(found)).toEqual([['error', 'ses-paused', 'SES in eu-central-1']])
  })
})

test.each(['ses:GetAccount', 'ses:GetEmailIdentity'])(
  'without the right %s, it says so, and nothing else',
  async (right) => {
    aws.refuse(right)
    const found = await foundOfSes({ ...WELL, identities: { 'example.com': 'absent' } })
    const ofIdentity = right === 'ses:GetAccount' ? ['sender-not-verified'] : []
    expect([...new Set(found.map(({ id }) => id))].sort()).toEqual([...ofIdentity, 'unread'].sort())
    expect(found.find(({ id }) => id === 'unread')?.fix[0]).toContain(right)
  },
)
