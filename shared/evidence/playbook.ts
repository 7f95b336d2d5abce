import type { Alert } from '../../schemas/alert.ts'
import { commandLine } from '../config/command-line.ts'
import type { PlaybookName } from '../questions/playbooks.ts'
import { quoted } from '../questions/shell.ts'
import type { FirstQuestion, Known } from './ask-first.ts'

/** Words in the names of an alarm and of its metric, by the class of trouble that they mean: the first wins. */
const CLASSES: [words: RegExp, playbook: PlaybookName][] = [
  [/quality|data.?loss|records|validation|duplicate|schema|freshness/i, 'data-quality'],
  [
    /availability|health(?:y|check)|unhealthy|status.?check|down|reachab|heartbeat|probe|running.?tasks/i,
    'system-down',
  ],
  [
    /error|fault|5xx|4xx|fail|throttl|reject|exception|burn|timeout|latency|duration|age|cpu|memory/i,
    'high-error-rate',
  ],
]

/** Which playbook an alert's class has; none for what has no class. */
export function playbookFor({
  name,
  metric = '',
  kind,
}: Pick<Alert, 'name' | 'metric' | 'kind'>): PlaybookName | undefined {
  if (!kind.endsWith('-alarm') && kind !== 'alarm') return undefined
  // What is measured says more than what somebody has called it.
  const found = [metric, name].map((text) => CLASSES.find(([words]) => words.test(text)))
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
