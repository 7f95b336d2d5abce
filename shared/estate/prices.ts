/**
 * What an alarm costs a month, in US dollars, in us-east-1. Elsewhere up to a quarter more. Part of a month costs its part.
 */
export const PRICES = {
  asOf: '2026-11-25',
  source: 'https://aws.amazon.com/cloudwatch/pricing/',
  /** Each metric that a metric alarm reads. */
  standard: 0.1,
  /** The same, where its period is shorter than a minute. */
  highResolution: 0.3,
  composite: 0.5,
  /** A band is three metrics: the metric itself, and both bounds. */
  anomalyMetrics: 3,
  /** Metrics of standard resolution, listed directly: so many of an account are free. */
  freeMetrics: 10,
} as const
