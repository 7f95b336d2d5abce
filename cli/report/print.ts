import { reportPage } from '../../shared/reports/html.ts'
import { reportMarkdown } from '../../shared/reports/markdown.ts'
import { type AskedReport, notChecked, todosOf } from '../../shared/reports/report.ts'
import { writeOut } from '../out.ts'
import { widthOf } from '../wrap.ts'
import { reportText } from './terminal.ts'

/** Prints a report, and writes it where it is wanted. @returns the exit code. */
export function printReport(report: AskedReport, { out, json }: { out?: string | undefined; json?: boolean }): number {
  if (out !== undefined) writeOut(out, out.endsWith('.md') ? reportMarkdown(report) : reportPage(report))
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : reportText(report, widthOf(process.stdout)))
  return todosOf(report).length + notChecked(report).length > 0 ? 1 : 0
}
