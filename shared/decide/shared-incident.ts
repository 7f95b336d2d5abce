/** How the dedup keys of all shared incidents begin. */
export const INCIDENT_PREFIX = 'alert-router '
