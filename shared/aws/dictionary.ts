/*
 * What the JSON of alerts, traces and states is mostly made of: deflate refers to it in place of repeating it (RFC 1951; the
 * window before a text may hold something). The nearer the end, the shorter a reference is.
 *
 * Whatever was packed with it can be read with it alone: never change it. A better one is a second one, with a number of its
 * own (packed.ts).
 */

/** Of rules: what they ask, as a trace shows it. */
const RULES = [
  '/(system|service|site|api|database|host|server).?down|outage|unavailable|availability/i',
  '/data.?(loss|corruption)/i/breach|intrusion|unauthori[sz]ed|root.?(login|account)|compromised/i/complian|violation/i',
  'any of /^(critical|crit|fatal|emergency|emerg|panic|disaster|blocker|urgent|page)$/, ',
  '/^(warning|warn|error|err|high|major|medium|moderate|minor)$/, /^(info|information|informational|notice|debug|low|…',
  'glob \\"*alarm\\"glob \\"*',
].join('')

/** Of senders: names, texts and addresses. */
const ALERTS = [
  '"composite-alarm""aws-event""deployment""backup""pipeline""finding"AWS/LambdaAWS/ECSAWS/RDSAWS/SQSAWS/ApplicationELB',
  'FunctionNameClusterNameServiceNameDBInstanceIdentifierQueueNameLoadBalancerErrorsInvocationsDurationCPUUtilization',
  'Threshold Crossed: 1 datapoint [0.0 (01/01/26 00:00:00)] was not greater than or equal to the threshold (1.0).',
  'Threshold Crossed: 3 out of the last 3 datapoints [1.0 (01/01/26 00:00:00), 2.0 (01/01/26 00:00:00)] were less than the ',
  'threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).were greater than the threshold',
  '"logs":"https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/',
  '$252Faws$252Flambda$252F"links":{"console":"https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1',
  '#alarmsV2:alarm/',
].join('')

/** Of our own: keys, in the order in which they are written. */
const OURS = [
  '{"fingerprint":"arn:aws:cloudwatch:us-east-1:123456789012:alarm:","kind":"math-alarm","kind":"metric-alarm","status":',
  '"resolved","previousStatus":"firing","status":"firing","previousStatus":"resolved","name":"","title":"","description":"',
  ' Runbook: https://","reason":"","changedAt":"2026-01-01T00:00:00.000Z","source":"aws.cloudwatch","account":"123456789012",',
  '"region":"eu-west-1","namespace":"","metric":"","expression":"","dimensions":{"":""},"tags":{},"resource":"","threshold":',
  '{"operator":">=","value":1,"unit":"Count","unit":"Percent","statistic":"Average","statistic":"Sum","periodSeconds":300,',
  '"evaluationPeriods":1,"datapointsToAlarm":1,"missingData":"notBreaching","missingData":"breaching","observed":0},',
  '"children":[],"details":{},"links":{"console":"","runbook":"https://"}}',
  '{"recipients":{"pagerduty":{"channel":"pagerduty","slack-critical":{"channel":"slack-critical","email":{"channel":"email",',
  '"owed":{"change":"change#2026-01-01T00:00:00.000Z#00000000#0","at":"2026-01-01T00:00:00.000Z","status":"firing"},"lookAt":"',
  '"tries":0,"waits":0,"log":[{"at":"","change":"","status":"resolved","outcome":"delivered","said":""}],"notified":{"change":"',
  '"notifiedAt":"","place":"","posted":{"channel":"","ts":""}},"lease":{"token":"","until":},"maybe":true,"maybeSince":"",',
  '"firing":{"since":"","severity":"warning","rule":"default","channels":[]},"open":{"',
  '"once":true,"version":',
  '{"at":"2026-01-01T00:00:00.000Z","steps":[{"rule":"no data","result":"failed","alternatives":[[{"at":"status","found":',
  '["firing"],"wanted":"\\"insufficient-data\\"","matches":false}]]},{"rule":"says its severity","result":"failed",',
  '"alternatives":[[{"at":"kind","found":["metric-alarm"],"wanted":"glob \\"*alarm\\"","matches":true},{"at":"declaredSeverity",',
  '"found":[],"wanted":"',
  '","matches":false}]],"of":7},{"rule":"","result":"matched","alternatives":[[{"at":"when[1].namespace","found":["","matches":true},',
  '{"at":"when[1].metric","found":[""],"wanted":"","matches":true}]],"of":4}],"notLookedAt":19,"parts":[{"part":"severity",',
  '"value":"critical","by":"rule \\""},{"part":"channel","value":"slack-warning","by":"severity warning"},{"part":"channel",',
  '"value":"email","by":"severity critical"},{"part":"runbook","value":"https://","by":"the alert itself"}],"windows":[]}',
].join('')

export const DICTIONARY = Buffer.from(RULES + ALERTS + OURS)
