import { existsSync, linkSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { CREDENTIALS_ENVIRONMENT } from '../local/emulated.ts'
import { type Engine, startEngine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { type Certificate, makeCertificate } from '../local/stand-ins/certificate.ts'
import type { Config } from '../schemas/config.ts'

/**
 * One for all engines of a test run, because it takes long to create. If several are created at once, all use the
 * first.
 */
export async function certificateOfRun(): Promise<Certificate> {
  const file = join(tmpdir(), 'certificate-of-run.json')
  if (!existsSync(file)) {
    const mine = `${file}.${process.pid}`
    writeFileSync(mine, JSON.stringify(await makeCertificate()))
    try {
      linkSync(mine, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** An engine in this process, whose environment is that of the handlers that are loaded after it. */
export async function startLocalEngine(config: Config, { hasEvidence = false } = {}): Promise<Engine> {
  const certificate = await certificateOfRun()
  const options = { config, maxReceiveCount: 3, forward: {}, realSecrets: {}, certificate, hasEvidence }
  const engine = await startEngine(options)
  const configFile = join(mkdtempSync(join(tmpdir(), 'config-')), 'alerts.json')
  writeFileSync(configFile, JSON.stringify(config))
  Object.assign(process.env, engine.environment, {
    CONFIG_FILE: configFile,
    LOG_LEVEL: process.env.TEST_LOG ?? 'SILENT',
    ...CREDENTIALS_ENVIRONMENT,
  })
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), engine.certificate])
  return engine
}

/** A function's handler, from the source. */
export async function loadHandler(name: string): Promise<Handler> {
  return ((await import(`../functions/${name}.ts`)) as { handler: Handler }).handler
}
