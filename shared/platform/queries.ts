/**
 * The queries of CloudWatch Logs Insights over the services' logs, by name. The services write JSON lines with these fields:
 * level, message, error_type, pipeline, environment, duration (seconds), records_processed, data_quality_score.
 */
export const QUERIES = {
  'error analysis': `fields @timestamp, level, message, error_type, pipeline
| filter level = "ERROR"
| stats count(*) as errors by error_type, pipeline
| sort errors desc`,
  performance: `fields @timestamp, duration, pipeline, environment
| filter message like /processing completed/
| stats avg(duration) as average, pct(duration, 95) as p95, max(duration) as longest, min(duration) as shortest by pipeline, environment
| sort p95 desc`,
  'business metrics': `fields @timestamp, records_processed, data_quality_score, pipeline
| filter message like /batch completed/
| stats sum(records_processed) as records, avg(data_quality_score) as quality by pipeline
| sort records desc`,
} as const
