import { reportPage } from '../../shared/reports/html.ts'
import { reportMarkdown } from '../../shared/reports/markdown.ts'
import { type AskedReport, answersOf, notChecked, todosOf } from '../../shared/reports/report.ts'
import { UsageError } from '../command.ts'
import { writeOut } from '../out.ts'
import { widthOf } from '../wrap.ts'
import { reportText } from './terminal.ts'

interface Forms {
  /** A file to write, too. */
  out?: string | undefined
  json?: boolean
  markdown?: boolean
}

/** Prints a report, and writes it where it is wanted. @returns the exit code. */
export function printReport(report: AskedReport, { out, json, markdown }: Forms): number {
  if (out !== undefined) writeOut(out, /\.(md|markdown)$/.test(out) ? reportMarkdown(report) : reportPage(report))
  process.stdout.write(
    json
      ? `${JSON.stringify(report)}\n`
      : markdown
        ? reportMarkdown(report)
        : reportText(report, widthOf(process.stdout)),
  )
  const isWell = todosOf(report).length + notChecked(report).length === 0
  return isWell && answersOf(report).length > 0 ? 0 : 1
}

/** Before anything is asked. @throws {UsageError} for a form that no report has. */
export function checkOut(out: string | undefined): void {
  if (out === undefined || /\.(html?|md|markdown)$/.test(out)) return
  throw new UsageError(`--out ${out}: a report is a page (.html) or Markdown (.md)`)
}
