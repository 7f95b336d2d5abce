type Fields = Record<string, unknown>

/**
 * Structured logs: one object a line. Lambda's own JSON log format (serverless.yml) adds the time, the level and the
 * request's id, and leaves out what is below the level that is set there. A line about an alert carries its
 * `fingerprint`, one about a delivery its `notificationId` too. LOG_LEVEL=SILENT: none at all, as on a laptop.
 */
export const log = {
  info: (event: string, fields: Fields) => write('info', event, fields),
  warn: (event: string, fields: Fields) => write('warn', event, fields),
  error: (event: string, fields: Fields) => write('error', event, fields),
}

function write(level: 'info' | 'warn' | 'error', event: string, fields: Fields): void {
  if (process.env.LOG_LEVEL !== 'SILENT') console[level]({ event, ...fields })
}
