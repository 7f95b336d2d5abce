import type { Project } from '../../shared/asking/dependencies.ts'

/** What npm says of the demo's project, in its own form: two packages behind, one of them vulnerable. */
const ANSWERS: Record<string, unknown> = {
  outdated: {
    'fast-uri': { current: '3.0.1', wanted: '3.1.0', latest: '3.1.0', dependent: 'platform' },
    pino: { current: '9.7.0', wanted: '9.7.0', latest: '10.1.0', dependent: 'platform' },
  },
  audit: {
    auditReportVersion: 2,
    vulnerabilities: {
      'fast-uri': {
        ...{ name: 'fast-uri', severity: 'high', isDirect: true, range: '<3.0.5', fixAvailable: true },
        via: [{ source: 1, name: 'fast-uri', title: 'Paths are decoded twice', severity: 'high', range: '<3.0.5' }],
      },
    },
    metadata: { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 1, critical: 0, total: 1 } },
  },
}

/** A project of the demo's: npm is not started, and no registry asked. */
export const DEMO_PROJECT: Project = {
  npm: async (command) => ANSWERS[command],
  ranges: () => ({ 'fast-uri': '^3.0.1', pino: '9.7.0' }),
}
