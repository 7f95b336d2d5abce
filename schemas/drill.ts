/** What a drill can fire: the classes of events that the shipped rules know, each with its sample. */
export const DRILL_CLASSES = [
  'data-loss',
  'system-availability',
  'security-breach',
  'compliance-violation',
  'high-error-rate',
  'processing-latency',
  'resource-limits',
  'cost-threshold',
  'deployment-failed',
  'deployment',
  'maintenance',
  'usage-report',
  'health-check',
] as const
export type DrillClass = (typeof DRILL_CLASSES)[number]
