import { firingAlarms } from './alarms.ts'
import { backups } from './backups.ts'
import { certificates } from './certificates.ts'
import { concurrency } from './concurrency.ts'
import { dailyCost } from './cost.ts'
import { dependencies } from './dependencies.ts'
import { drills } from './drills.ts'
import { errorRates } from './errors.ts'
import { figures } from './figures.ts'
import { happened, present } from './handover.ts'
import { costOfThisMonth, monthlyCost } from './month-cost.ts'
import { objectives } from './objectives.ts'
import { patches } from './patches.ts'
import { durations, memory, pipelines, throttles, utilization } from './performance.ts'
import { type Context, inEachAccount, type Question } from './question.ts'
import { quotas } from './quotas.ts'
import { routed } from './routed.ts'
import { routerHealth } from './router.ts'
import { runtimes } from './runtimes.ts'
import { security } from './security.ts'
import { sizes } from './sizes.ts'
import { databases, storage } from './storage.ts'
import { costThisWeek, figuresThisWeek, functionsThisWeek } from './week.ts'

/** A report is questions and a layout: sections, in this order. */
export interface Report {
  title: string
  /** It is about some days, which may be others than the last seven. */
  isOfDays?: true
  /** It is about the time since a person came on call, and asks the router alone. */
  isOfShift?: true
  sections: { title: string; questions: (context: Context) => Question[] }[]
}

export const REPORTS = {
  daily: {
    title: 'Daily check',
    sections: [
      { title: 'Alarms', questions: inEachAccount(firingAlarms) },
      { title: 'Errors', questions: errorRates },
      { title: 'Objectives', questions: objectives },
      { title: 'Figures', questions: figures },
      { title: 'Security', questions: inEachAccount(security) },
      { title: 'Cost', questions: inEachAccount(dailyCost) },
      { title: 'Backups', questions: backups },
      { title: 'Router', questions: routerHealth },
    ],
  },
  handover: {
    title: 'Handover',
    isOfShift: true,
    sections: [
      { title: 'Now', questions: present },
      { title: 'What happened', questions: happened },
    ],
  },
  performance: {
    title: 'Performance review',
    sections: [
      { title: 'Duration', questions: durations },
      { title: 'Pipelines', questions: pipelines },
      { title: 'Memory and cold starts', questions: memory },
      { title: 'Throttles', questions: throttles },
      { title: 'Containers and databases', questions: utilization },
    ],
  },
  weekly: {
    title: 'Weekly report',
    isOfDays: true,
    sections: [
      { title: 'Health', questions: objectives },
      { title: 'Alarms', questions: inEachAccount(firingAlarms) },
      { title: 'Alerts', questions: routed },
      { title: 'Performance', questions: functionsThisWeek },
      { title: 'Figures', questions: figuresThisWeek },
      { title: 'Cost', questions: (context) => [...costThisWeek(context), ...costOfThisMonth(context)] },
      { title: 'Security', questions: inEachAccount(security) },
      { title: 'Backups', questions: backups },
      { title: 'Recommendations', questions: sizes },
    ],
  },
  capacity: {
    title: 'Capacity plan',
    sections: [
      { title: 'Functions', questions: concurrency },
      { title: 'Storage', questions: storage },
      { title: 'Databases and containers', questions: databases },
      { title: 'Quotas', questions: inEachAccount(quotas) },
      { title: 'Cost', questions: monthlyCost },
    ],
  },
  maintenance: {
    title: 'Monthly maintenance',
    sections: [
      { title: 'Dependencies', questions: dependencies },
      { title: 'Patches', questions: inEachAccount((context) => [...runtimes(context), ...patches(context)]) },
      { title: 'Backups', questions: backups },
      { title: 'Certificates', questions: inEachAccount(certificates) },
      { title: 'Cost', questions: sizes },
      { title: 'Drills', questions: drills },
    ],
  },
} as const satisfies Record<string, Report>
