import { Runtime } from '@aws-sdk/client-lambda'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../shared/questions/answer.ts'
import type {
  Certificate,
  FunctionSize,
  LambdaFunction,
  Outdated,
  PatchedInstance,
  Point,
  Vulnerable,
} from '../shared/questions/ask.ts'
import { certificates } from '../shared/questions/certificates.ts'
import { dependencies } from '../shared/questions/dependencies.ts'
import { patches } from '../shared/questions/patches.ts'
import { ENDS, runtimes } from '../shared/questions/runtimes.ts'
import { sizes } from '../shared/questions/sizes.ts'
import { answer, CONTEXT, found } from './some-answers.ts'

const DAY_MS = 86_400_000
const NOW_MS = CONTEXT.now.getTime()
const inDays = (days: number) => new Date(NOW_MS + days * DAY_MS).toISOString()
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`

describe('runtimes', () => {
  const of = (...all: (string | undefined)[]) =>
    all.map(
      (runtime, at): LambdaFunction => ({
        name: `f${at}`,
        arn: arnOf(`f${at}`),
        ...(runtime !== undefined && { runtime }),
      }),
    )
  /** So many days before the end of nodejs22.x, on 30 April 2027. */
  const judged = (functions: LambdaFunction[], daysBefore = 200) => {
    const now = new Date(Date.parse('2027-04-30') - daysBefore * DAY_MS)
    return answer(runtimes({ ...CONTEXT, now }), 'runtimes', () => found<'functions'>(functions))
  }

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['supported', judged(of('nodejs22.x', 'python3.14')), 'good', '2 supported'],
    ['90 days left', judged(of('nodejs22.x'), 90), 'good', '1 supported'],
    ['89 days left', judged(of('nodejs22.x'), 89), 'bad', '1 for less than 90 days'],
    ['the last day', judged(of('nodejs22.x'), 0), 'bad', '1 for less than 90 days'],
    ['the day after', judged(of('nodejs22.x'), -1), 'bad', '1 no longer supported'],
    ['container images alone', judged(of(undefined)), 'shown', '0 supported'],
    ['a runtime that the table does not have', judged(of('nodejs30.x')), 'shown', '0 supported'],
    ['no function', judged([]), 'shown', 'there are no functions'],
  ])('%s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('what the table can’t say is said', () => {
    expect(judged(of(undefined, 'nodejs30.x', 'nodejs22.x')).source.incomplete).toMatch(
      /as of 2026-07-25; AWS moves them; 1 from container images have no runtime here.*; no date is known of nodejs30.x$/,
    )
  })

  test.each([
    ['nodejs18.x', 'nodejs24.x'],
    ['python3.9', 'python3.14'],
    ['java8.al2', 'java25'],
    ['dotnet6', 'dotnet10'],
    ['ruby2.7', 'ruby4.0'],
    ['provided.al2', 'provided.al2023'],
    ['go1.x', 'provided.al2023'],
  ])('%s: %s is proposed, and the way back is not promised', (runtime, newest) => {
    const { proposals } = judged(of(runtime), -100)
    expect(proposals).toMatchObject([
      {
        command: `aws lambda update-function-configuration --function-name f0 --runtime ${newest} --region eu-west-1`,
        back: expect.stringMatching(new RegExp(`^AWS may refuse ${runtime} afterwards: publish a version before`)),
      },
    ])
  })

  test('while it is supported, the way back is the runtime as it was', () => {
    expect(judged(of('nodejs22.x'), 30).proposals?.[0]?.back).toBe(
      'aws lambda update-function-configuration --function-name f0 --runtime nodejs22.x --region eu-west-1',
    )
  })

  test('the table has every runtime that the SDK knows, but for previews', () => {
    const missing = Object.values(Runtime).filter((runtime) => ENDS[runtime] === undefined)
    expect(missing.sort()).toEqual(['nodejs26.x', 'nodejs4.3-edge', 'python3.15'])
  })
})

describe('patches', () => {
  const judged = (...all: Partial<PatchedInstance>[]) =>
    answer(patches(CONTEXT), 'patches', () =>
      found<'patches'>(
        all.map((one, at) => ({
          id: `i-${at}`,
          name: `m${at}`,
          missing: 0,
          security: 0,
          failed: 0,
          at: inDays(-1),
          ...one,
        })),
      ),
    )

  test.each<[string, Answer, Answer['verdict'], string | undefined]>([
    ['all there', judged({}, {}), 'good', undefined],
    ['others are missing', judged({ missing: 3 }), 'good', undefined],
    ['security patches are missing', judged({}, { missing: 3, security: 1 }), 'bad', 'Patch m1'],
    ['some failed', judged({ failed: 1 }), 'bad', 'Patch m0'],
    ['scanned 30 days ago', judged({ at: inDays(-30) }), 'good', undefined],
    ['scanned 31 days ago', judged({ at: inDays(-31) }), 'bad', 'Scan m0'],
    ['lacking, and not scanned', judged({ security: 2, at: inDays(-31) }), 'bad', 'Patch m0; scan m0'],
    ['no machines', judged(), 'shown', undefined],
  ])('%s', (_what, answered, verdict, todo) => {
    expect([answered.verdict, answered.todo]).toEqual([verdict, todo])
  })

  test('one that was never scanned is not well: a scan is proposed, which installs nothing', () => {
    const never = answer(patches(CONTEXT), 'patches', () => found<'patches'>([{ id: 'i-1', name: 'i-1' }]))
    expect(never).toMatchObject({
      ...{ verdict: 'bad', todo: 'Scan i-1', table: { rows: [['i-1', '?', '?', '?', 'never']] } },
      proposals: [
        {
          command:
            'aws ssm send-command --document-name AWS-RunPatchBaseline --targets Key=InstanceIds,Values=i-1 --parameters Operation=Scan',
        },
      ],
    })
  })
})

describe('certificates', () => {
  const certificate = (over: Partial<Certificate>): Certificate => ({
    ...{ arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1', domain: 'a.example.com', status: 'ISSUED' },
    ...{ isRenewed: false, isInUse: true, from: inDays(-300), to: inDays(65), ...over },
  })
  const judged = (...all: Partial<Certificate>[]) =>
    answer(certificates(CONTEXT), 'certificates', () =>
      found<'certificates'>({ region: 'eu-west-1', all: all.map(certificate) }),
    )
  const renewal = (status: string, over = {}) => ({
    ...{ isRenewed: true, to: inDays(20) },
    renewal: { status, domains: [], ...over },
  })

  test.each<[string, Partial<Certificate>, Answer['verdict'], RegExp | undefined]>([
    ['imported, 30 days left', { to: inDays(30) }, 'good', undefined],
    [
      'imported, less than 30 days left',
      { to: inDays(29.9) },
      'bad',
      /^Import a new certificate for a.example.com: 30 days are left/,
    ],
    ['ended', { to: inDays(-1) }, 'bad', /^Replace the certificate of a.example.com: it has ended$/],
    ['of 47 days, a third left', { from: inDays(-31.3), to: inDays(15.7) }, 'good', undefined],
    ['of 47 days, less', { from: inDays(-31.5), to: inDays(15.5) }, 'bad', /^Import a new certificate/],
    ['not in use', { to: inDays(1), isInUse: false }, 'shown', undefined],
    ['renewed by AWS, in time', { isRenewed: true, to: inDays(31) }, 'good', undefined],
    [
      'renewed by AWS, late',
      { isRenewed: true, to: inDays(29) },
      'bad',
      /^Find out why ACM has not renewed a.example.com: 29 days/,
    ],
    [
      'renewal waits for a record',
      renewal('PENDING_VALIDATION', { domains: ['b', 'c'] }),
      'bad',
      /^Prove to ACM that b, c is yours/,
    ],
    [
      'renewal waits, long before',
      { ...renewal('PENDING_VALIDATION'), to: inDays(59) },
      'bad',
      /^Prove to ACM that a.example.com/,
    ],
    [
      'renewal failed',
      renewal('FAILED', { why: 'CAA_ERROR' }),
      'bad',
      /^Find out why ACM could not renew a.example.com \(CAA_ERROR\)$/,
    ],
    ['renewal has succeeded', { ...renewal('SUCCESS'), to: inDays(390) }, 'good', undefined],
    ['renewal runs', { ...renewal('PENDING_AUTO_RENEWAL'), to: inDays(45) }, 'good', undefined],
  ])('%s', (_what, over, verdict, todo) => {
    const answered = judged(over)
    expect(answered.verdict).toBe(verdict)
    if (todo) expect(answered.todo).toMatch(todo)
    else expect(answered.todo).toBeUndefined()
  })

  test('an import is proposed for what AWS does not renew, in the region of the certificate', () => {
    expect(judged({ to: inDays(3) }).proposals).toMatchObject([
      {
        command:
          'aws acm import-certificate --certificate-arn arn:aws:acm:eu-west-1:123456789012:certificate/1 --certificate fileb://certificate.pem --private-key fileb://key.pem --certificate-chain fileb://chain.pem --region eu-west-1',
      },
    ])
    expect(judged({ to: inDays(3), isRenewed: true }).proposals).toEqual([])
  })

  test('the one that ends first is named; one that was never issued is not counted', () => {
    const { to: _never, ...pending } = certificate({ domain: 'pending' })
    const answered = answer(certificates(CONTEXT), 'certificates', () =>
      found<'certificates'>({
        region: 'eu-west-1',
        all: [pending, certificate({ to: inDays(99) }), certificate({ domain: 'first', to: inDays(50) })],
      }),
    )
    expect(answered.says).toBe('2 in use; the first ends in 50 days, on 2027-01-15: first')
  })

  test('none', () => {
    expect(judged()).toMatchObject({ verdict: 'shown', says: 'none in eu-west-1' })
  })

  test('the own region is not shown twice, where it is one of the file’s', () => {
    const own = (region: string) =>
      answer(certificates(CONTEXT), 'certificates', () => found<'certificates'>({ region, all: [certificate({})] }))
        .says
    expect([own('us-east-1'), own('eu-west-1').slice(0, 8)]).toEqual(['in us-east-1: see there', '1 in use'])
  })
})

describe('the memory of functions', () => {
  const size = (over: Partial<FunctionSize>): FunctionSize => ({
    arn: `${arnOf('f')}:$LATEST`,
    memory: 1_024,
    days: 14,
    ...over,
  })
  const judged = (...all: Partial<FunctionSize>[]) =>
    answer(sizes(CONTEXT), 'sizes', () => found<'function-sizes'>(all.map(size)))

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['right', judged({}), 'good', '1 have the memory that they need'],
    ['the same is recommended', judged({ better: 1_024 }), 'good', '1 have the memory that they need'],
    [
      'too much',
      judged({ better: 512, dollars: 12, percent: 40 }, {}),
      'bad',
      '1 of 2 could be of another size: $12.00 a month less',
    ],
    ['too little', judged({ better: 2_048 }), 'bad', '1 of 1 could be of another size'],
    ['nothing is known', judged(), 'no data', 'Compute Optimizer knows no function yet'],
  ])('%s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('less memory saves; more costs: the way back is the size as it was', () => {
    const update = 'aws lambda update-function-configuration --function-name f --memory-size'
    expect(judged({ better: 512, dollars: 12 }).proposals).toMatchObject([
      {
        command: `${update} 512 --region eu-west-1`,
        back: `${update} 1024 --region eu-west-1`,
        saving: '$12.00 a month, as Compute Optimizer estimates',
      },
    ])
    expect(judged({ better: 2_048, dollars: -3 }).proposals?.[0]?.saving).toBeUndefined()
  })

  test('a name that is not harmless is only a name', () => {
    const name = 'f$(id); rm -rf ~'
    expect(judged({ arn: arnOf(name), better: 512 }).proposals?.[0]?.command).toBe(
      "aws lambda update-function-configuration --function-name 'f$(id); rm -rf ~' --memory-size 512 --region eu-west-1",
    )
  })
})

describe('what nobody uses', () => {
  const functions = (...all: { invocations: number; modified?: string; name?: string }[]) =>
    answer(sizes(CONTEXT), 'idle functions', () =>
      found<'invocations'>(
        all.map((one, at) => ({ name: `f${at}`, arn: arnOf(`f${at}`), modified: inDays(-400), ...one })),
      ),
    )
  const used = { invocations: 9 }

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['all are invoked', functions(used, { invocations: 1 }), 'good', 'none'],
    [
      'the router’s own are left out',
      functions(used, { invocations: 0, name: 'alert-router-prod-deliver-pagerduty' }),
      'good',
      'none',
    ],
    ['one is not', functions(used, { invocations: 0 }), 'bad', '1 of 2: f1'],
    ['one is new', functions(used, { invocations: 0, modified: inDays(-34) }), 'good', 'none'],
    ['one was new', functions(used, { invocations: 0, modified: inDays(-35) }), 'bad', '1 of 2: f1'],
    [
      'nothing was published',
      functions({ invocations: 0 }),
      'no data',
      'no invocation of any of 1 functions was published',
    ],
    ['no functions', functions(), 'shown', 'there are no functions'],
  ])('functions: %s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('an idle function is proposed to be switched off, which one command takes back', () => {
    expect(functions(used, { invocations: 0 }).proposals).toMatchObject([
      {
        command:
          'aws lambda put-function-concurrency --function-name f1 --reserved-concurrent-executions 0 --region eu-west-1',
        back: 'aws lambda delete-function-concurrency --function-name f1 --region eu-west-1',
      },
    ])
  })

  const days = (count: number, value: (back: number) => number): Point[] =>
    Array.from({ length: count }, (_, at): Point => [(NOW_MS - (count - at) * DAY_MS) / 1_000, value(count - at)])
  const of = (name: string, points: Point[]) => answer(sizes(CONTEXT), `idle ${name}`, () => found<'metric'>(points))

  test.each<[string, string, Point[], Answer['verdict'], RegExp]>([
    ['a queue with messages', 'ingest', days(56, () => 2), 'good', /^70 messages in 35 days$/],
    ['a queue without', 'ingest', days(56, () => 0), 'bad', /^no message in 35 days$/],
    ['a queue that had some 36 days ago', 'ingest', days(56, (back) => (back === 36 ? 5 : 0)), 'bad', /^no message/],
    ['a queue that is not there', 'ingest', [], 'no data', /^SQS has published nothing/],
    ['a database with connections', 'warehouse', days(40, () => 3), 'good', /^3 connections at the peak of 35 days$/],
    ['a database without', 'warehouse', days(40, () => 0), 'bad', /^no connection in 35 days$/],
    ['a database that is not there', 'warehouse', [], 'no data', /^nothing was published$/],
  ])('%s', (_what, name, points, verdict, says) => {
    expect(of(name, points)).toMatchObject({ verdict, says: expect.stringMatching(says) })
  })

  test('a database is proposed to be stopped, not deleted', () => {
    expect(
      of(
        'warehouse',
        days(40, () => 0),
      ).proposals,
    ).toMatchObject([
      {
        command: 'aws rds stop-db-instance --db-instance-identifier platform-warehouse',
        back: 'aws rds start-db-instance --db-instance-identifier platform-warehouse',
      },
    ])
  })
})

describe('dependencies', () => {
  const vulnerable = (...all: Partial<Vulnerable>[]) =>
    answer(dependencies(), 'vulnerable', () =>
      found<'vulnerable'>(all.map((one) => ({ name: 'a', severity: 'high', isDirect: true, titles: ['t'], ...one }))),
    )
  const outdated = (...all: Partial<Outdated>[]) =>
    answer(dependencies(), 'outdated', () =>
      found<'outdated'>(
        all.map((one) => ({
          ...{ name: 'a', current: '1.0.0', wanted: '1.0.0', latest: '2.0.0', isExact: false, isInstalled: true },
          ...one,
        })),
      ),
    )

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['none', vulnerable(), 'good', 'none'],
    ['moderate', vulnerable({ severity: 'moderate' }), 'good', '1 moderate'],
    ['high', vulnerable({ severity: 'low' }, {}), 'bad', '1 high, 1 low'],
    ['critical', vulnerable({ severity: 'critical' }), 'bad', '1 critical'],
  ])('vulnerabilities: %s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('what fixes them: an update, another version, or nothing yet', () => {
    const answered = vulnerable(
      { name: 'a', fix: 'update' },
      { name: 'b', fix: { name: 'parent', version: '4.0.0', isMajor: true } },
      { name: 'c', fix: { name: 'parent', version: '4.0.0', isMajor: true } },
      { name: 'd' },
    )
    expect(answered.proposals?.map(({ command }) => command)).toEqual(['npm audit fix', 'npm install parent@4.0.0'])
    expect(answered.table?.rows.map((row) => row[3])).toEqual([
      ...['an update within its range', 'parent 4.0.0, a new major version', 'parent 4.0.0, a new major version'],
      'nothing yet',
    ])
  })

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['none', outdated(), 'good', 'none'],
    ['within its range', outdated({ wanted: '1.4.0', latest: '1.4.0' }), 'bad', '1 (1 newer within the range)'],
    ['beyond it', outdated({}), 'bad', '1 (1 a new major version)'],
  ])('newer versions: %s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('a range that is one version stays one; a package is only a name', () => {
    const { proposals } = outdated(
      { name: 'a', wanted: '1.1.0' },
      { name: '@scope/b', isExact: true },
      { name: 'c;id', isExact: true },
    )
    expect(proposals?.map(({ command }) => command)).toEqual([
      'npm update',
      'npm install a@2.0.0',
      "npm install --save-exact @scope/b@2.0.0 'c;id@2.0.0'",
    ])
  })
})
