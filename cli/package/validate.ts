import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate'

/** Created once: that takes most of the time. */
let engine: InstanceType<typeof RegoEngine> | undefined

/**
 * The findings of AWS's own validator for a template, at WARN and above, a line each; offline. Empty for a valid
 * template.
 */
export function validate(templatePath: string): string[] {
  engine ??= new RegoEngine()
  const { status, diagnostics } = engine.validateStandard(new TemplateFile(templatePath), { severityLevel: 'WARN' })
  const lines = diagnostics.map((d) => {
    const where = [d.entity?.logicalId, d.propertyPath].filter(Boolean).join(' ')
    return `${d.severity} ${d.ruleId} ${where}: ${d.message}`
  })
  // An unfinished validation may have missed something.
  return status === 'OK' ? lines : [`the validation did not finish: ${status}`, ...lines]
}
