import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { projectIn } from '../cli/report/project.ts'
import { askOutdated, askVulnerable } from '../shared/asking/dependencies.ts'
import type { RefusedError } from '../shared/asking/refused.ts'

/*
 * The npm of this machine, in a project of its own, with a stand-in for its registry: packages, and what is known of them.
 */

const VERSIONS: Record<string, string[]> = {
  alpha: ['1.0.0', '1.2.0', '2.0.0'],
  beta: ['0.3.0'],
  gamma: ['5.0.0', '5.0.1'],
}
const ADVISORY = {
  ...{ id: 1, url: 'https://example.com/advisories/1', title: 'Reads files that it may not', severity: 'high' },
  ...{ vulnerable_versions: '<1.2.0', cwe: [], cvss: { score: 8.1, vectorString: null } },
}

let folder: string
let registry: Server
let advisories: Record<string, unknown[]>
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alert-router-project-'))
  advisories = {}
  registry = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1))
    const answer = name.startsWith('-/npm/v1/security/advisories/bulk') ? advisories : packageNamed(name)
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`)
  // What npm keeps goes with the folder.
  vi.stubEnv('npm_config_cache', join(folder, '.npm'))
  vi.stubEnv('npm_config_fetch_retries', '0')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  registry.closeAllConnections()
  await new Promise((resolve) => registry.close(resolve))
  rmSync(folder, { recursive: true })
})

function packageNamed(name: string): object | undefined {
  const versions = VERSIONS[name]
  if (!versions) return undefined
  return {
    name,
    'dist-tags': { latest: versions.at(-1) },
    versions: Object.fromEntries(
      versions.map((version) => [
        version,
        { name, version, dist: { tarball: `http://127.0.0.1/${name}-${version}.tgz` } },
      ]),
    ),
  }
}

const DEPENDENCIES = { alpha: '^1.0.0', beta: '0.3.0' }
const DEV = { gamma: '5.0.0' }
const LOCKED: Record<string, string> = { alpha: '1.0.0', beta: '0.3.0', gamma: '5.0.0' }

function project({ isLocked = true, isInstalled = true } = {}) {
  const about = { name: 'platform', version: '1.0.0', dependencies: DEPENDENCIES, devDependencies: DEV }
  const write = (file: string, content: object) => writeFileSync(join(folder, file), JSON.stringify(content))
  write('package.json', about)
  const packages = Object.entries(LOCKED).map(([name, version]) => [
    `node_modules/${name}`,
    { version, dev: name in DEV },
  ])
  const lock = {
    ...about,
    lockfileVersion: 3,
    requires: true,
    packages: { '': about, ...Object.fromEntries(packages) },
  }
  if (isLocked) write('package-lock.json', lock)
  for (const [name, version] of isInstalled ? Object.entries(LOCKED) : []) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true })
    write(`node_modules/${name}/package.json`, { name, version })
  }
  return projectIn(folder)
}

const signal = (ms = 30_000) => AbortSignal.timeout(ms)
const refusedBy = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: RefusedError) => error.refused ?? error,
  )

describe('npm outdated', () => {
  test('lists what has a newer version, within its range and beyond', async () => {
    const isInstalled = true
    expect(await askOutdated(project(), signal())).toEqual([
      { name: 'alpha', current: '1.0.0', wanted: '1.2.0', latest: '2.0.0', isExact: false, isInstalled },
      { name: 'gamma', current: '5.0.0', wanted: '5.0.0', latest: '5.0.1', isExact: true, isInstalled },
    ])
  })

  test('where nothing is installed, npm leaves out what is for development', async () => {
    expect(await askOutdated(project({ isInstalled: false }), signal())).toEqual([
      { name: 'alpha', current: '1.2.0', wanted: '1.2.0', latest: '2.0.0', isExact: false, isInstalled: false },
    ])
  })

  test('where nothing is outdated, nothing', async () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'platform', dependencies: { beta: '0.3.0' } }))
    expect(await askOutdated(projectIn(folder), signal())).toEqual([])
  })
})

describe('npm audit', () => {
  test('nothing known: nothing', async () => {
    expect(await askVulnerable(project(), signal())).toEqual([])
  })

  test('what is known of the locked versions, and what fixes it', async () => {
    advisories = { alpha: [ADVISORY] }
    expect(await askVulnerable(project(), signal())).toEqual([
      { name: 'alpha', severity: 'high', isDirect: true, titles: ['Reads files that it may not'], fix: 'update' },
    ])
  })

  test('no lockfile: not checked, and what it needs', async () => {
    expect(await refusedBy(askVulnerable(project({ isLocked: false }), signal()))).toEqual({
      needs: 'a package-lock.json',
      why: 'npm audit reads what is installed',
    })
  })
})

describe.each([
  ['npm outdated', askOutdated],
  ['npm audit', askVulnerable],
] as const)('%s', (_what, ask) => {
  test('no registry: not checked, and not "nothing found"', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1/')
    expect(await refusedBy(ask(project(), signal()))).toEqual({
      needs: "npm's registry",
      why: expect.stringMatching(/ECONNREFUSED/),
    })
  })

  test('a registry that fails', async () => {
    registry.removeAllListeners('request')
    registry.on('request', (_request, response) => response.writeHead(503).end())
    const failed = await refusedBy(ask(project(), signal()))
    expect(failed).toBeInstanceOf(Error)
    expect(String(failed)).toMatch(/503/)
  })

  test('a registry that does not answer: it ends in time', async () => {
    registry.removeAllListeners('request')
    expect(await refusedBy(ask(project(), signal(2_000)))).toMatchObject({ name: 'TimeoutError' })
  })

  test('no npm', async () => {
    vi.stubEnv('PATH', folder)
    expect(await refusedBy(ask(project(), signal()))).toEqual({ needs: 'npm on this machine', why: 'it is not there' })
  })

  test('no package.json', async () => {
    expect(await refusedBy(ask(projectIn(folder), signal()))).toEqual({
      needs: 'a package.json: give its folder by --project',
      why: `${folder} has none`,
    })
  })
})
