import type { Alert } from '../../schemas/alert.ts'
import { commandLine } from '../config/command-line.ts'
import type { PlaybookName } from '../questions/playbooks.ts'
import { quoted } from '../questions/shell.ts'
import type { FirstQuestion, Known } from './ask-first.ts'

/** Words in the names of an alarm and of its metric, by the class of trouble that they mean: the first wins. */
const CLASSES: [words: RegExp, playbook: PlaybookName][] = [
  [/ (?:quality|data ?loss|records?|validation|duplicates?|schema|freshness) /, 'data-quality'],
  [
    / (?:availability|un ?healthy|healthy?|health ?checks?|status ?checks?|down|downtime|(?:un)?reachab\w*|heartbeats?|probes?|running ?tasks?) /,
    'system-down',
  ],
  [
    / (?:errors?|faults?|5 ?xx|4 ?xx|fail(?:s|ed|ures?)?|throttl\w*|reject\w*|exceptions?|burn|timeouts?|timed ?out|latency|durations?|age|cpu|memory) /,
    'high-error-rate',
  ],
]

/** ` approximate age of oldest message `: a name in its words, so that Storage has no age, and Download is not down. */
function wordsOf(name: string): string {
  const apart = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return ` ${apart
    .replace(/[^A-Za-z\d]+/g, ' ')
    .trim()
    .toLowerCase()} `
}

/** Which playbook an alert's class has; none for what has no class. */
export function playbookFor({
  name,
  metric = '',
  kind,
}: Pick<Alert, 'name' | 'metric' | 'kind'>): PlaybookName | undefined {
  if (!kind.endsWith('-alarm') && kind !== 'alarm') return undefined
  // What is measured says more than what somebody has called it.
  const found = [metric, name].map(wordsOf).map((text) => CLASSES.find(([words]) => words.test(text)))
  return found.find((one) => one !== undefined)?.[1]
}

/** What to run, and what to read. */
export function nextSteps({ alert, platform, stage, runbook }: Known): FirstQuestion {
  const playbook = platform && playbookFor(alert)
  const on = `${quoted(alert.name)} --stage ${stage}`
  const lines = [
    ...(playbook === undefined ? [] : [commandLine(`playbook ${playbook} ${on}`)]),
    ...(runbook === undefined ? [] : [`runbook: ${runbook}`]),
    commandLine(`history ${on}`),
  ]
  return { title: 'Next', asks: [], says: () => ({ says: '', lines }) }
}
