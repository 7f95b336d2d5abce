import { readFileSync } from 'node:fs'
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate'
import { validityProblems } from '../../deploy/valid/template.ts'

/** Created once: that takes most of the time. */
let engine: InstanceType<typeof RegoEngine> | undefined

/**
 * The findings of AWS's own validator for a packaged template, and then what it does not check: alarms' math, composites,
 * dashboards, queries, schedules. A line each; offline. Empty for a valid template.
 */
export function validate(templatePath: string): string[] {
  const { Resources: resources } = JSON.parse(readFileSync(templatePath, 'utf8'))
  return [...standardProblems(templatePath), ...validityProblems(resources)]
}

/** The findings of AWS's own validator for a template, JSON or YAML, at WARN and above. A line each; offline. */
export function standardProblems(templatePath: string): string[] {
  engine ??= new RegoEngine()
  const { status, diagnostics } = engine.validateStandard(new TemplateFile(templatePath), { severityLevel: 'WARN' })
  const lines = diagnostics.map((d) => {
    const where = [d.entity?.logicalId, d.propertyPath].filter(Boolean).join(' ')
    return `${d.severity} ${d.ruleId} ${where}: ${d.message}`
  })
  // An unfinished validation may have missed something.
  const unfinished = status === 'OK' ? [] : [`the validation did not finish: ${status}`]
  return [...unfinished, ...lines]
}
