export { type AppConfigStandIn, startAppConfig } from './app-config.ts'
export { type Certificate, makeCertificate } from './certificate.ts'
export type { Answer, Captured, HttpAnswer } from './exchange.ts'
export { type Sent, urlEvent } from './function-url.ts'
export { type Incident, type PagerDutyStandIn, startPagerDuty } from './pagerduty.ts'
export {
  incidentEvent,
  noteEvent,
  signedWebhook,
  type WebhookEvent,
  WebhookSubscription,
} from './pagerduty-webhooks.ts'
export { type SecretsManagerStandIn, startSecretsManager } from './secrets-manager.ts'
export { type SesStandIn, startSes } from './ses.ts'
export { startSlack } from './slack.ts'
export { type SlackApiStandIn, startSlackApi } from './slack-api.ts'
export { commandOf, pressOf, signedForm } from './slack-requests.ts'
export type { SlackChannel, SlackMessage } from './slack-workspace.ts'
export type { StandIn } from './stand-in.ts'
