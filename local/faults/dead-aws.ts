import { startStandIn } from '../stand-ins/stand-in.ts'

/** What evidence asks. */
const SERVICES = ['CLOUDWATCH', 'CLOUDWATCH_LOGS', 'CLOUDTRAIL', 'CLOUDFORMATION', 'CODEPIPELINE']

/** An AWS that takes every question about an alert and answers none. */
export async function startDeadAws() {
  const server = await startStandIn({
    answer: () => ({ status: 502 }),
    capture: ({ path }) => ({ path, body: undefined }),
  })
  server.answerBy(() => 'hang')
  return {
    environment: {
      ...Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, server.url])),
      ACCOUNT_ID: '123456789012',
      METRICS_NAMESPACE: 'alert-router/local',
    },
    /** How many questions came. */
    count: () => server.requests.length,
    close: () => server.close(),
  }
}
