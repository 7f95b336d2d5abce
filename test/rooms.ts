import type { IConfiguration } from 'dependency-cruiser'

/**
 * The house's rooms, from the top floor down: each imports from the rooms below it alone. CONTRIBUTING.md says what lives in
 * each, in the same order.
 */
export const ROOMS = [
  'cli',
  'functions',
  'bench',
  'local',
  'deploy',
  'shared/inbox',
  'shared/reconcile',
  'shared/sending',
  'shared/follow-up',
  'shared/asking',
  'shared/estate',
  'shared/evidence',
  'shared/reports',
  'shared/questions',
  'shared/history',
  'shared/drill',
  'shared/route',
  'shared/deliver',
  'shared/live-config',
  'shared/plan',
  'shared/check',
  'shared/cases',
  'shared/platform',
  'shared/explain',
  'shared/store',
  'shared/config',
  'shared/conditions',
  'shared/player',
  'shared/decide',
  'shared/channels',
  'shared/answers',
  'shared/aws',
  'shared/parse',
  'shared/alert',
  'shared/observe',
  'schemas',
]

/** What decides and what people ask of rules runs without AWS: by value alone, whatever it imports in turn. */
export const PURE = [
  'shared/(alert|parse|decide|conditions|config|explain|cases|player|check|plan|platform|questions|reports|estate|evidence|answers)/',
  'shared/channels/[^/]+/(render|message|digest|mrkdwn|document|html|chart|png)[.]ts$',
  'shared/deliver/(messages|next-step|fallback|due)[.]ts$',
  'shared/reconcile/(differ|order)[.]ts$',
  'shared/inbox/(request|decision|wish|outcome|command|slack|pagerduty|links|page)[.]ts$',
]

/** What is started by name: by npm, Lambda, serverless, a worker thread, or in a bundle's place for a package. */
const ENTRIES = [
  '^cli/alert-router[.]ts$',
  '^cli/package/plugin[.]ts$',
  '^functions/',
  '^bench/(invoke[.]cjs|(warm|whole-way)-run[.]ts)$',
  // By the test that writes docs/cost.md.
  '^bench/(cost|counts)[.]ts$',
  '^deploy/(env-credentials|no-event-streams|no-endpoint-discovery)[.]ts$',
  '^shared/channels/pagerduty/native-fetch[.]ts$',
  '^shared/aws/direct/(appconfigdata|dynamodb|retry|secrets-manager|sns|sqs)[.]ts$',
]

const upward = ROOMS.slice(1).map((room, above) => ({
  name: `${room}-imports-nothing-above-it`,
  comment: `${room} stands below ${ROOMS.slice(0, above + 1).join(', ')}: move what both need down, or what needs it up`,
  severity: 'error' as const,
  from: { path: `^${room}/` },
  to: { path: `^(${ROOMS.slice(0, above + 1).join('|')})/` },
}))

const rules: IConfiguration = {
  forbidden: [
    {
      name: 'no-circle',
      comment:
        'Files that import each other can only be understood together: move what both need into a file of its own',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...upward,
    {
      name: 'pure-rooms-know-no-aws',
      comment:
        'What is pure takes what it needs as arguments, so that it can run in a test, in a browser, in a simulation',
      severity: 'error',
      from: { path: `^(${PURE.join('|')})` },
      to: { path: '^(shared/aws/|node_modules/@(aws|aws-sdk|aws-lambda-powertools|middy|smithy)/)', reachable: true },
    },
    {
      name: 'functions-are-entries',
      comment: 'Lambda, the engine on this machine and tests start functions; nobody builds on them',
      severity: 'error',
      from: { pathNot: '^(functions|local|test)/' },
      to: { path: '^functions/' },
    },
    {
      name: 'every-file-has-a-room',
      comment: 'A file that lies loose in shared/ has no place in the order of the rooms',
      severity: 'error',
      from: {},
      to: { path: '^shared/[^/]+[.]ts$' },
    },
    {
      name: 'nothing-missing',
      comment: 'What is imported must be there, and be named in package.json',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dead-file',
      comment: 'No command, function or part of the stack needs it: delete it, or name its entry here',
      severity: 'error',
      from: { path: ENTRIES },
      to: { path: `^(${ROOMS.join('|')})/`, pathNot: ['[.]d[.]ts$', ...ENTRIES], reachable: false },
    },
  ],
  options: {
    // It reads imports of types, too: what a file builds on is what its reader has to know.
    parser: 'swc',
    doNotFollow: { path: '^node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
    exclude: { path: '[.]json$' },
  },
}

export default rules
