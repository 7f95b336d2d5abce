import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate, type PagerDutyStandIn, startPagerDuty } from '../local/stand-ins/index.ts'
import { pagerduty } from '../shared/channels/pagerduty/index.ts'
import { firing } from './alert-samples.ts'

/** In the deployed bundle pdjs runs on `node:https`; elsewhere on the client that it brings. Both must behave alike. */

const KEY = '0123456789abcdef0123456789abcdef'

const entry = `
import { pagerduty } from './shared/channels/pagerduty/index.ts'
const undici = () => process.moduleLoadList.some((name) => name.includes('undici'))
const { payload, to } = JSON.parse(process.argv[2])
const sent = pagerduty.send(payload, to).then(() => 'taken', ({ name, message, retry, status }) => ({ name, message, retry, status }))
sent.then((outcome) => console.log(JSON.stringify({ outcome, loaded: undici(), timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length })))
`

let folder: string
let bundled: string[]
let server: PagerDutyStandIn

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alert-router-'))
  const tls = await makeCertificate()
  await writeFile(join(folder, 'ca.pem'), tls.cert)
  server = await startPagerDuty({ tls })
  const { metafile } = await build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
    outfile: join(folder, 'bundle.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    alias: { 'cross-fetch': './shared/channels/pagerduty/native-fetch.ts' },
    minify: true,
    metafile: true,
  })
  bundled = Object.keys(metafile.inputs)
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

async function runBundle(timeoutMs = 5_000): Promise<{ outcome: unknown; loaded: boolean; timers: number }> {
  const to = { channel: 'pages', target: KEY, notificationId: 'n-1', timeoutMs, server: server.host }
  const child = spawn(
    process.execPath,
    [join(folder, 'bundle.cjs'), JSON.stringify({ payload: pagerduty.render(firing), to })],
    {
      env: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let out = ''
  for await (const chunk of child.stdout) out += chunk
  return JSON.parse(out)
}

test('it sends, and loads no second HTTP client of Node', async () => {
  expect(await runBundle()).toEqual({ outcome: 'taken', loaded: false, timers: 0 })
  expect(server.requests.at(-1)).toMatchObject({ notificationId: 'n-1', status: 202 })
})

test('pdjs is in it, and no second HTTP client', () => {
  expect(bundled).toContain('node_modules/@pagerduty/pdjs/build/src/events.js')
  expect(bundled.filter((path) => /cross-fetch|node-fetch|whatwg-url/.test(path))).toEqual([])
})

test.each([
  ['a 429', { status: 429, body: {} }, { retry: 'later', status: 429 }],
  [
    'a redirect',
    { status: 307, body: {}, headers: { location: 'https://elsewhere.example.com' } },
    { retry: 'never', status: 307 },
  ],
  ['a refusal', { status: 400, body: { message: 'no' } }, { retry: 'never', status: 400 }],
  ['a broken connection', 'reset', { retry: 'later' }],
  ['silence', 'hang', { retry: 'later', message: 'PagerDuty (channel pages) did not answer within 300 ms' }],
] as const)('%s is one request and one error, and leaves no timer', async (_, answer, outcome) => {
  const before = server.requests.length
  server.answerNext(answer)
  expect(await runBundle(answer === 'hang' ? 300 : 5_000)).toMatchObject({
    outcome: { name: 'ChannelError', ...outcome },
    timers: 0,
  })
  expect(server.requests.length - before).toBe(1)
})
