/** The state of a pipeline, stack, deployment, build or job, in one vocabulary; undefined if unknown. */
export function deploymentState(given: string | undefined): string | undefined {
  const word = given?.trim().toUpperCase().replaceAll(/[\s-]/g, '_') ?? ''
  // A stack that rolls back has failed, even if the rollback succeeds.
  if (/FAIL|ROLLBACK|ERROR|TIMED_?OUT|FAULT|EXPIRED|THROTTLED|REJECTED/.test(word)) return 'failed'
  if (/^(STOP|CANCEL|ABORT|SUPERSEDED|ABANDONED|DELETED)/.test(word)) return 'stopped'
  if (/IN_?PROGRESS|RUNNING|RESUMED|PENDING|CREATED|READY|QUEUED|WAITING/.test(word)) return 'in-progress'
  if (/^(START|BEGIN|LAUNCH)/.test(word)) return 'started'
  if (/SUCCE|COMPLETE|FINISHED|DONE|DEPLOYED|APPROVED/.test(word)) return 'succeeded'
  return undefined
}

/** A state as the end of a sentence. */
const VERBS: Record<string, string> = {
  started: 'started',
  succeeded: 'succeeded',
  failed: 'failed',
  stopped: 'stopped',
  'in-progress': 'is in progress',
}

export function summary(state: string | undefined): string {
  const normal = deploymentState(state)
  return (normal && VERBS[normal]) ?? (state ? `is ${state}` : 'has changed')
}

export function states(state: string | undefined) {
  return { state: deploymentState(state), rawState: state }
}
