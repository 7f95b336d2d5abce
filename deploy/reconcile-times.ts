/**
 * How often `reconcile` runs, its time limit, and after how long it reads again what differs: CloudWatch shows a change within
 * seconds, and its message is in the table within some more, while all is well.
 */
export const RECONCILE = { minutes: 5, timeoutS: 240, graceS: 90 } as const
