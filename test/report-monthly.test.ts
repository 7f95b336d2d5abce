import { beforeAll, describe, expect, test } from 'vitest'
import { reportText } from '../cli/report/terminal.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import { REPORTS } from '../shared/questions/reports.ts'
import { isCommand } from '../shared/questions/shell.ts'
import { reportPage } from '../shared/reports/html.ts'
import { answersOf, notChecked, todosOf } from '../shared/reports/report.ts'
import { type Asked, askedReport } from './asked-report.ts'
import { wrongWithAws } from './aws-cli.ts'

/** What each of the monthly reports sends, and what IAM calls it. */
const RIGHTS = {
  capacity: {
    GetMetricData: 'cloudwatch:GetMetricData',
    GetAccountSettings: 'lambda:GetAccountSettings',
    GetFunctionConcurrency: 'lambda:GetFunctionConcurrency',
    ListServiceQuotas: 'servicequotas:ListServiceQuotas',
    GetCostAndUsage: 'ce:GetCostAndUsage',
    GetCostForecast: 'ce:GetCostForecast',
  },
  maintenance: {
    GetMetricData: 'cloudwatch:GetMetricData',
    ListFunctions: 'lambda:ListFunctions',
    GetLambdaFunctionRecommendations: 'compute-optimizer:GetLambdaFunctionRecommendations',
    ListCertificates: 'acm:ListCertificates',
    DescribeInstanceInformation: 'ssm:DescribeInstanceInformation',
    DescribeInstancePatchStates: 'ssm:DescribeInstancePatchStates',
    ListBackupJobs: 'backup:ListBackupJobs',
    ListProtectedResources: 'backup:ListProtectedResources',
    ListRestoreJobs: 'backup:ListRestoreJobs',
    Query: 'dynamodb:Query',
  },
} as const
type Name = keyof typeof RIGHTS
const NAMES = Object.keys(RIGHTS) as Name[]

const monthly = (name: Name, at?: string, prepare?: (aws: AwsStandIn) => void) =>
  askedReport(name, REPORTS[name], { ...(at && { at }), ...(prepare && { prepare }) })

/** All operations of a report, in a mode. */
const all = (name: Name, mode: Parameters<AwsStandIn['mode']>[1]) => (aws: AwsStandIn) => {
  for (const operation of Object.keys(RIGHTS[name])) aws.mode(operation, { ...mode })
}

describe('the capacity plan of the demo', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await monthly('capacity')
  })

  test.each([
    [
      'storage',
      'Free storage of warehouse',
      /^Give warehouse more storage, .*: full in \d+ (to \d+ )?days, from 2026-12-/,
    ],
    ['concurrency', 'Concurrency of the account', /^Ask for a higher limit of concurrent executions/],
    ['quota', 'Service quotas', /^Ask for more: Fargate On-Demand vCPU resource count \(74 %\)$/],
    ['budget', 'Cost of this month, by AWS’s forecast', /^The budget is used up: AmazonCloudWatch has risen most/],
  ])('%s: says what to do', (_fault, title, todo) => {
    expect(todosOf(asked.report)).toContainEqual(expect.objectContaining({ title, todo: expect.stringMatching(todo) }))
  })

  test('names nothing else', () => {
    expect(asked.report.headline).toBe('4 to do.')
  })

  test('costs three cents at Cost Explorer, and few requests of the others', () => {
    expect([asked.count('GetCostAndUsage'), asked.count('GetCostForecast')]).toEqual([1, 2])
    expect([asked.count('GetMetricData'), asked.count('GetAccountSettings')]).toEqual([2, 1])
  })
})

describe('the monthly maintenance of the demo', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await monthly('maintenance')
  })

  test.each([
    ['dependency', 'Known vulnerabilities of dependencies', /^Fix fast-uri$/],
    ['dependency', 'Dependencies with a newer version', /^Update 2 dependencies/],
    ['runtime', 'Runtimes of functions', /^Move report-exporter \(nodejs18\.x\) to a newer runtime$/],
    ['patches', 'Patches of machines', /^Patch bastion-b$/],
    ['old backup, no restore', 'Backup of warehouse', /^Back it up: the last one is 40 h old; .*restore it once/],
    ['certificate', 'Certificates in us-east-1', /^Import a new certificate for portal.example.com: 12 days are left/],
    ['oversized', 'Memory of functions', /^Give data-validator less memory$/],
    ['idle', 'Functions that nobody invokes', /^Ask who needs report-exporter/],
    ['no drill', 'Classes of alerts, proven to arrive', /^Drill security-breach: not proven within 40 days$/],
    ['old drill', 'Channels, proven to work', /^Try slack-warning: not proven within 40 days$/],
  ])('%s: says what to do', (_fault, title, todo) => {
    expect(todosOf(asked.report)).toContainEqual(expect.objectContaining({ title, todo: expect.stringMatching(todo) }))
  })

  test('names nothing else', () => {
    expect(asked.report.headline).toBe('10 to do.')
  })

  test('proposes what a person may do, each with its risk and the way back; and changes nothing', () => {
    const proposals = answersOf(asked.report).flatMap((one) => one.proposals ?? [])
    expect(proposals.map(({ command }) => command)).toEqual([
      'npm audit fix',
      'npm update',
      'npm install --save-exact pino@10.1.0',
      'aws lambda update-function-configuration --function-name report-exporter --runtime nodejs24.x --region eu-west-1',
      'aws ssm send-command --document-name AWS-RunPatchBaseline --targets Key=InstanceIds,Values=i-0a1b2c3d4e5f60002 --parameters Operation=Install,RebootOption=NoReboot',
      'aws acm import-certificate --certificate-arn arn:aws:acm:us-east-1:123456789012:certificate/ending --certificate fileb://certificate.pem --private-key fileb://key.pem --certificate-chain fileb://chain.pem --region us-east-1',
      'aws lambda update-function-configuration --function-name data-validator --memory-size 1024 --region eu-west-1',
      'aws lambda put-function-concurrency --function-name report-exporter --reserved-concurrent-executions 0 --region eu-west-1',
      'alert-router drill --class security-breach --stage prod',
      "alert-router send slack-warning 'A test: nothing is wrong.' --stage prod",
    ])
    for (const { effect, risk, back } of proposals)
      expect([effect, risk, back].every((text) => text.length > 10)).toBe(true)
    expect(proposals.find(({ command }) => command.includes('--memory-size'))).toMatchObject({
      saving: '$38.40 a month, as Compute Optimizer estimates',
      back: 'aws lambda update-function-configuration --function-name data-validator --memory-size 3008 --region eu-west-1',
    })
  })
})

describe.each(NAMES)('the %s report', (name) => {
  test('with every right denied, says what it needs, and nothing is good', async () => {
    const { report } = await monthly(name, undefined, all(name, { isDenied: true }))
    // npm is asked, not AWS.
    const ofAws = answersOf(report).filter(({ title }) => !/dependencies/i.test(title))
    expect(new Set(ofAws.map(({ verdict }) => verdict))).toEqual(new Set(['not checked']))
    const text = reportText(report, 200)
    for (const right of Object.values(RIGHTS[name])) expect(text).toContain(right)
  })

  test.each(Object.entries(RIGHTS[name]))('without %s alone, the rest is reported', async (operation, right) => {
    const { report } = await monthly(name, undefined, (aws) => aws.mode(operation, { isDenied: true }))
    const missing = notChecked(report)
    expect(missing.length).toBeGreaterThan(0)
    for (const { says } of missing) expect(says).toContain(right)
    expect(answersOf(report).length).toBeGreaterThan(missing.length)
  })

  test('each command that it proposes is one of the AWS CLI, of npm, or ours', async () => {
    const { report } = await monthly(name)
    const proposals = answersOf(report).flatMap((one) => one.proposals ?? [])
    const commands = proposals.flatMap(({ command, back }) => [command, back].filter(isCommand))
    expect(commands.length).toBeGreaterThan(1)
    const wrong = commands
      .map((command) => command.split(' '))
      .flatMap(([program = '', ...words]) =>
        program === 'aws' ? wrongWithAws(words) : ['npm', 'alert-router'].includes(program) ? '' : program,
      )
    expect(wrong.filter((one) => one !== '')).toEqual([])
  })

  test('throttled, it is tried again', async () => {
    const { report } = await monthly(name, undefined, all(name, { throttled: 1 }))
    expect(notChecked(report)).toEqual([])
  })

  test('of a new account, nothing is good', async () => {
    const { report } = await monthly(name, undefined, all(name, { hasNoData: true }))
    const verdicts = new Set(answersOf(report).map(({ verdict }) => verdict))
    expect([...verdicts].filter((verdict) => verdict === 'good')).toEqual([])
    expect(reportText(report, 100)).not.toMatch(/NaN|undefined|Invalid|Infinity/)
  })

  test.each([
    ['the 29th of February', '2028-02-29T08:00:00Z'],
    ['the first of March', '2028-03-01T08:00:00Z'],
    ['the first of a year', '2027-01-01T08:00:00Z'],
    ['the last of a month', '2026-11-30T08:00:00Z'],
    ['the night in which the clocks go forward', '2027-03-28T01:30:00Z'],
    ['the night in which they go back', '2027-10-31T01:30:00Z'],
  ])('on %s it says the same in plain words', async (_what, at) => {
    const { report } = await monthly(name, at)
    expect(notChecked(report)).toEqual([])
    expect(todosOf(report).length).toBeGreaterThanOrEqual(3)
    expect(reportText(report, 100)).not.toMatch(/NaN|undefined|Invalid|Infinity/)
  })

  test('as text, no line is wider than the terminal; as a page, each proposal is there', async () => {
    const { report } = await monthly(name)
    for (const width of [60, 100]) {
      const wide = reportText(report, width)
        .split('\n')
        // What a command names is not broken.
        .filter((line) => line.length > width && !/^ +\S+( \\)?$/.test(line))
      expect(wide).toEqual([])
    }
    const page = reportPage(report)
    expect(page).not.toMatch(/<script|@import|src=|url\(|<link/)
    const proposals = answersOf(report).flatMap((one) => one.proposals ?? [])
    expect(proposals.length).toBeGreaterThan(0)
    expect(page.match(/class="proposal"/g)).toHaveLength(proposals.length)
  })
})
