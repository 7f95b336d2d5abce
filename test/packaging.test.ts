import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkRules } from '../cli/package/check-rules.ts'
import AlertsPlugin from '../cli/package/plugin.ts'
import { readConfig } from '../shared/config/read.ts'
import { here } from './command.ts'
import {
  type Copy,
  copyOfRules,
  copyOfService,
  HOME,
  NO_FUNCTIONS,
  type Packaged,
  packagedService,
  packageHere,
  STACK,
} from './package-service.ts'
import { FUNCTIONS, type Template } from './stack.ts'
import { unzip } from './unzip.ts'

const config = readConfig('config')

const scratch = mkdtempSync(join(tmpdir(), 'packaging-'))

let template: Template
let packaged: Packaged

beforeAll(async () => {
  packaged = await packagedService()
  template = JSON.parse(packaged.template)
}, 120_000)
afterAll(() => rmSync(scratch, { recursive: true }))

describe('packaging', () => {
  test('works without an account, and prints what it built and where', () => {
    for (const name of FUNCTIONS) expect(packaged.output).toMatch(new RegExp(`${name}\\.zip +\\d+ KB`))
    expect(packaged.output).toContain(STACK)
  })

  test.each(FUNCTIONS)('%s.zip holds its bundle and the checked rules, and nothing else', (name) => {
    const files = unzip(join(packaged.folder, `.serverless/${name}.zip`))
    const more = ['evidence', 'reconcile'].includes(name) ? ['config/platform.json'] : []
    expect([...files.keys()].sort()).toEqual(['config/alerts.json', ...more, `functions/${name}.js`])
    expect(JSON.parse(String(files.get('config/alerts.json')))).toEqual(JSON.parse(JSON.stringify(config)))
    expect(String(files.get(`functions/${name}.js`))).toContain('module.exports={handler})')
  })

  test('no handler has a third parameter: Node 24 on Lambda takes it for a callback, and refuses to start', () => {
    const bundles = FUNCTIONS.map((name) => {
      const root = join(scratch, name)
      for (const [path, content] of unzip(join(packaged.folder, `.serverless/${name}.zip`))) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), content)
      }
      // On Lambda nothing around it says that it is a module.
      writeFileSync(join(root, 'package.json'), '{}')
      return { root, bundle: join(root, `functions/${name}.js`) }
    })
    const look = `for (const { root, bundle } of ${JSON.stringify(bundles)}) {
      process.env.LAMBDA_TASK_ROOT = root
      console.log(require(bundle).handler.length)
    }`
    const PLATFORM_FILE = join(scratch, 'reconcile', 'config/platform.json')
    const files = { CONFIG_FILE: 'config/alerts.json', PLATFORM_FILE }
    const env = { PATH: process.env.PATH, AWS_REGION: 'eu-central-1', ...files }
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', look], { encoding: 'utf8', env })
    expect(stderr).toBe('')
    const lengths = stdout.trim().split('\n').map(Number)
    expect(lengths).toHaveLength(FUNCTIONS.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2)
  })

  test('the bundle of deliver-slack is no larger than 460 KB', () => {
    const bundle = unzip(join(packaged.folder, '.serverless/deliver-slack.zip')).get('functions/deliver-slack.js')
    expect(bundle?.length).toBeLessThanOrEqual(460_000)
  })

  test.each([
    [
      'a channel that does not exist',
      'default: { severity: info, channels: [pager] }',
      /^config\/alerts\.yml:\d+:\d+: default/,
    ],
    ['what is no YAML', 'default: [', /^config\/alerts\.yml:\d+:\d+: YAML syntax error/],
  ])('says where in the rules there is %s, without a stack', async (_what, line, message) => {
    const copy = copyOfRules()
    const rules = join(copy.folder, 'config/alerts.yml')
    writeFileSync(rules, readFileSync(rules, 'utf8').replace(/^default:.*$/m, line))
    const { status, output } = await packageHere(copy.folder)
    copy.remove()
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at /m)
    expect(status).toBe(1)
  })

  test("says it of a team's rules too", async () => {
    const copy = copyOfRules()
    writeFileSync(join(copy.folder, 'config/orders.yml'), 'scope: { tags.team: orders }\nrules: [{ name: all }]\n')
    const { status, output } = await packageHere(copy.folder)
    copy.remove()
    expect(output).toMatch(/^config\/orders\.yml:2:\d+: rules\[0\]\.when \(rule "all"\): /)
    expect(status).toBe(1)
  })

  test('says what was checked, and how to deploy it to where it was packaged for', () => {
    expect(packaged.output).toMatch(/^Rules checked: no errors, no warnings, \d+ cases passed\.$/m)
    expect(packaged.output).toContain('npx alert-router deploy --stage prod --region eu-central-1\n')
  })

  const shadowed = (text: string) =>
    text.replace(/^rules:\n/m, (line) => `${line}  - { name: everything, when: { name: "*" }, severity: info }\n`)

  /** With an older package beside a broken file. */
  function spoiltCopy(copy: Copy, file: string, spoil: (text: string) => string) {
    const spoilt = join(copy.folder, file)
    writeFileSync(spoilt, spoil(readFileSync(spoilt, 'utf8')))
    mkdirSync(join(copy.folder, '.serverless'))
    writeFileSync(join(copy.folder, STACK), '{}')
    return copy
  }

  test.each<[what: string, file: string, spoil: (text: string) => string, message: RegExp]>([
    [
      'an error, as "rules check" says it',
      'config/alerts.yml',
      shadowed,
      /error shadowed-rule {2}config\/alerts\.yml:\d+:\d+[\s\S]*Nothing was packaged: the rules have \d+ errors/,
    ],
    [
      'a case that fails',
      'config/tests/alerts.yml',
      (text) => `${text}\n- name: never so\n  alert: { metric: Errors }\n  expect: { rule: no such rule }\n`,
      /✗ never so {2}\(config\/tests\/alerts\.yml:\d+\)[\s\S]*Nothing was packaged: 1 of \d+ cases fail/,
    ],
  ])('rejects rules with %s, and leaves no older package behind', async (_what, file, spoil, message) => {
    const copy = spoiltCopy(copyOfRules(), file, spoil)
    const { status, output } = await packageHere(copy.folder, '--stage', 'prod')
    const isLeft = existsSync(join(copy.folder, STACK))
    copy.remove()
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at /m)
    expect({ status, isLeft }).toEqual({ status: 1, isLeft: false })
  })

  test('rejects them when serverless packages, as for a deployment', () => {
    const copy = spoiltCopy(copyOfService(), 'config/alerts.yml', shadowed)
    const args = ['node_modules/serverless/bin/serverless.js', 'package', '--stage', 'prod']
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const env = { PATH, NODE_COMPILE_CACHE, HOME }
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy.folder, encoding: 'utf8', env })
    const isLeft = existsSync(join(copy.folder, STACK))
    copy.remove()
    expect(stdout + stderr).toContain('error shadowed-rule')
    expect({ status, isLeft }).toEqual({ status: 1, isLeft: false })
  })

  test('counts warnings, and accepts rules without cases', async () => {
    const copy = copyOfRules()
    const rules = join(copy.folder, 'config/alerts.yml')
    rmSync(join(copy.folder, 'config/tests'), { recursive: true })
    const unused = '  nobody: { type: email, addresses: [a@example.com] }\n'
    writeFileSync(
      rules,
      readFileSync(rules, 'utf8').replace(/^channels:\n/m, (line) => line + unused),
    )
    const look = async () => {
      process.stdout.write(JSON.stringify(checkRules(readConfig('config'), 'config', { withWarnings: true })))
      return 0
    }
    const { stdout, stderr } = await here(look, [], { cwd: copy.folder })
    copy.remove()
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ warnings: 1, cases: 0, notChecked: [] })
  })

  test('names an unknown option or stage', async () => {
    expect((await packageHere('.', '--stge', 'prod')).output).toContain('Unknown option "--stge"')
    expect(await packageHere('.', '--stage', 'pro d')).toMatchObject({
      status: 2,
      output: expect.stringContaining('pro d'),
    })
  })
})

test("AWS's validator has nothing to say at WARN", () => {
  // `package` asks it; many-channels.test.ts covers its answer.
  expect(packaged.output).toContain('template valid')
})

test('nothing is deployed until the operator is set', () => {
  const deploy = (operator?: string) => {
    const { Resources } = structuredClone(template)
    if (operator !== undefined) Resources.OperatorSubscription.Properties.Endpoint = operator
    const { hooks } = new AlertsPlugin({
      serviceDir: '.',
      classes: { Error },
      getProvider: () => ({ getStage: () => 'prod', getAwsSdkV3Config: async () => ({}) }),
      service: { ...NO_FUNCTIONS, provider: { compiledCloudFormationTemplate: { Resources } } },
    })
    return hooks['before:deploy:deploy']
  }
  // As it is shipped.
  expect(deploy()).toThrow(/params\.default\.operator is platform-team@example\.com: set it in serverless\.yml/)
  expect(deploy('ops@orders.example')).not.toThrow()
})
