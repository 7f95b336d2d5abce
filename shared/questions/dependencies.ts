import type { Proposal } from './answer.ts'
import type { Outdated, Vulnerable } from './ask.ts'
import { type Question, question } from './question.ts'
import { quoted } from './shell.ts'

const SHOWN = 20
const SEVERITIES = ['critical', 'high', 'moderate', 'low', 'info']
/** Worth a look this month; others come with the next update. */
const SEVERE = ['critical', 'high']

const BACK = 'git checkout package.json package-lock.json, then npm ci'

/** What of the project's packages has a newer version, and what has a known vulnerability. */
export function dependencies(): Question[] {
  return [
    question({
      id: 'vulnerable',
      title: 'Known vulnerabilities of dependencies',
      asks: { found: { kind: 'vulnerable' } },
      answer: ({ found }) => vulnerable(found),
    }),
    question({
      id: 'outdated',
      title: 'Dependencies with a newer version',
      asks: { found: { kind: 'outdated' } },
      answer: ({ found }) => outdated(found),
    }),
  ]
}

function vulnerable(found: Vulnerable[]) {
  const bound = 'none of high or critical severity'
  if (found.length === 0) return { verdict: 'good' as const, says: 'none', bound }
  const rank = ({ severity }: Vulnerable) => SEVERITIES.indexOf(severity)
  const sorted = found.toSorted((one, other) => rank(one) - rank(other))
  const severe = sorted.filter(({ severity }) => SEVERE.includes(severity))
  const counts = SEVERITIES.flatMap((severity) => {
    const count = found.filter((one) => one.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  return {
    verdict: severe.length > 0 ? ('bad' as const) : ('good' as const),
    says: counts.join(', '),
    bound,
    ...(severe.length > 0 && { todo: `Fix ${severe.map(({ name }) => name).join(', ')}` }),
    proposals: fixesOf(sorted),
    table: {
      head: ['package', 'severity', 'what', 'fixed by'],
      rows: sorted.slice(0, SHOWN).map((one) => [one.name, one.severity, one.titles.join('; '), fixedBy(one)]),
    },
  }
}

function fixedBy({ fix }: Vulnerable): string {
  if (fix === undefined) return 'nothing yet'
  if (fix === 'update') return 'an update within its range'
  return `${fix.name} ${fix.version}${fix.isMajor ? ', a new major version' : ''}`
}

function fixesOf(found: Vulnerable[]): Proposal[] {
  const within = found.filter(({ fix }) => fix === 'update')
  const others = found.flatMap(({ fix }) => (typeof fix === 'object' ? [fix] : []))
  const distinct = [...new Map(others.map((fix) => [`${fix.name}@${fix.version}`, fix])).values()]
  return [
    ...(within.length === 0
      ? []
      : [
          {
            command: 'npm audit fix',
            effect: `updates within the ranges of package.json: ${within.map(({ name }) => name).join(', ')}`,
            risk: 'small: run the tests before it is deployed',
            back: BACK,
          },
        ]),
    ...distinct.map(({ name, version, isMajor }) => ({
      command: `npm install ${quoted(`${name}@${version}`)}`,
      effect: `${name} ${version}, without the vulnerability that it brings`,
      risk: isMajor
        ? 'a new major version: read its changelog, and run the tests'
        : 'run the tests before it is deployed',
      back: BACK,
    })),
  ]
}

function outdated(found: Outdated[]) {
  const bound = 'none'
  if (found.length === 0) return { verdict: 'good' as const, says: 'none', bound }
  const within = found.filter(({ current, wanted }) => current !== wanted)
  const beyond = found.filter(({ wanted, latest }) => wanted !== latest)
  const majors = beyond.filter(isMajor)
  const counts = [
    ...(within.length > 0 ? [`${within.length} newer within the range`] : []),
    ...(majors.length > 0 ? [`${majors.length} a new major version`] : []),
  ]
  return {
    verdict: 'bad' as const,
    says: `${found.length}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`,
    bound,
    todo: `Update ${found.length === 1 ? '1 dependency' : `${found.length} dependencies`}, and run the tests`,
    proposals: [
      ...(within.length === 0
        ? []
        : [
            {
              command: 'npm update',
              effect: `the newest within the ranges of package.json: ${within.map(({ name }) => name).join(', ')}`,
              risk: 'small: run the tests before it is deployed',
              back: BACK,
            },
          ]),
      ...installsOf(beyond),
    ],
    ...(found.some(({ isInstalled }) => !isInstalled) && {
      source: {
        incomplete: 'not all is installed here, and what is for development alone is then left out: npm ci first',
      },
    }),
    table: {
      head: ['package', 'is', 'in its range', 'newest'],
      rows: found.slice(0, SHOWN).map(({ name, current, wanted, latest }) => [name, current, wanted, latest]),
    },
  }
}

const isMajor = ({ wanted, latest }: Outdated) => wanted.split('.')[0] !== latest.split('.')[0]

/** A range that is one version stays one. */
function installsOf(beyond: Outdated[]): Proposal[] {
  const groups = Map.groupBy(beyond, ({ isExact }) => isExact)
  return [...groups].map(([isExact, of]) => ({
    command: [
      `npm install${isExact ? ' --save-exact' : ''}`,
      ...of.map(({ name, latest }) => quoted(`${name}@${latest}`)),
    ].join(' '),
    effect: `the newest of ${of.length === 1 ? '1 package' : `${of.length} packages`}, beyond what package.json allows`,
    risk: of.some(isMajor)
      ? 'a new major version may work otherwise: read the changelogs, one at a time, and run the tests'
      : 'small: run the tests before it is deployed',
    back: BACK,
  }))
}
