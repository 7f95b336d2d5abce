/** A part of the pure core, and the tests that must notice what is wrong in it. */
export interface Room {
  name: string
  /** Globs. */
  sources: string[]
  /**
   * Of `test/`, the cheapest first: a fault that one has noticed is not tried with those after it. Those that start processes,
   * emulators or the whole router, or try hundreds of random lives for each fault, are left out: they would take hours.
   */
  tests: string[]
  /**
   * So many percent of the faults must be noticed: 90, or where a room has not come that far, what it has; 0 where nobody has
   * measured it yet. Only ever raised.
   */
  enough: number
}

export const ROOMS: Room[] = [
  {
    name: 'decide',
    enough: 90,
    sources: ['shared/decide/*.ts', 'shared/alert/{field,identity}.ts'],
    tests: [
      ...['regex', 'wall-clock', 'days', 'marks', 'owed', 'next-end', 'next-begin', 'next-again', 'next-by-time'],
      ...['new-names', 'one-channel', 'adopted', 'open-incidents', 'deliverers-turn', 'joined', 'notices-due'],
      ...['hold', 'decision', 'renamed', 'identity', 'due', 'turn', 'rule-values', 'rule-index', 'windows', 'rules'],
      ...[
        'fill',
        'values',
        'channels-by-field',
        'nobody',
        'config',
        'check-critical',
        'next-step',
        'player',
        'standing',
      ],
    ],
  },
  {
    name: 'deliver',
    enough: 90,
    sources: ['shared/deliver/{messages,next-step,fallback,due}.ts'],
    tests: ['next-step', 'messages', 'due'],
  },
  {
    name: 'parse',
    enough: 90,
    sources: ['shared/parse/*.ts', 'shared/alert/severity-word.ts'],
    tests: [
      ...['times', 'log-lines', 'log-json', 'regions', 'names', 'refused', 'bounds', 'whole', 'known-events'],
      ...['known-ends', 'known-access', 'known-jobs', 'known-mail', 'findings', 'deployments', 'notes'],
      ...['alarms', 'prometheus', 'prometheus-text', 'annotations', 'events', 'own-event', 'envelopes'],
      ...['log-data', 'published', 'secrets'],
    ].map((name) => `parse-${name}`),
  },
  {
    name: 'check',
    enough: 90,
    sources: ['shared/check/*.ts', 'shared/conditions/*.ts'],
    tests: [
      ...['condition-texts', 'conditions', 'condition-examples', 'check-patterns', 'check-windows', 'check-steps'],
      ...['check-branches', 'check-overlaps', 'check-rules', 'check-findings', 'check-channels', 'check-limits'],
      ...['check-critical', 'values-check', 'nobody'],
    ],
  },
  {
    name: 'estate',
    enough: 85,
    sources: ['shared/estate/*.ts', 'shared/estate/checks/*.ts'],
    tests: ['estate-dump', 'estate-findings', 'estate-message', 'doctor-policy', 'estate-whole'],
  },
  {
    name: 'reconcile',
    enough: 90,
    sources: ['shared/reconcile/{differ,order}.ts'],
    tests: ['reconcile-differ'],
  },
  {
    name: 'inbox',
    enough: 90,
    sources: [
      'shared/answers/*.ts',
      'shared/inbox/{request,decision,wish,outcome,command,slack,pagerduty,links,page}.ts',
      'shared/channels/pagerduty/reference.ts',
    ],
    tests: ['inbox-requests', 'inbox-answers', 'pagerduty'],
  },
  {
    name: 'channels',
    enough: 90,
    sources: [
      'shared/channels/{alert-text,digest,facts,template,outside-text,web-links}.ts',
      'shared/channels/*/{render,digest,mrkdwn}.ts',
    ],
    tests: ['alert-text', 'outside-text', 'email-text', 'digest-lines', 'pagerduty', 'slack', 'digests', 'templates'],
  },
]
