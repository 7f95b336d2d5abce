import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate'

/** Made once: that takes most of the time. */
let engine: InstanceType<typeof RegoEngine> | undefined

/** What AWS's own validator says of a template, at WARN and above, a line each; offline. None is how it should be. */
export function validate(templatePath: string): string[] {
  engine ??= new RegoEngine()
  const { status, diagnostics } = engine.validateStandard(new TemplateFile(templatePath), { severityLevel: 'WARN' })
  const lines = diagnostics.map((d) => {
    const where = [d.entity?.logicalId, d.propertyPath].filter(Boolean).join(' ')
    return `${d.severity} ${d.ruleId} ${where}: ${d.message}`
  })
  // It may have missed something then.
  return status === 'OK' ? lines : [`the validation did not finish: ${status}`, ...lines]
}
