/** The prefix of all shared incidents' dedup keys. */
export const INCIDENT_PREFIX = 'alert-router '
