/** The files that `init` writes and that are not copies of the router's own. */

export const TESTS = `# yaml-language-server: $schema=../../node_modules/alert-router/schemas/cases.schema.json
#
# Tests of the rules, by example. "npx alert-router rules test" runs them; its --help shows the format of a case,
# and "npx alert-router rules test --record EVENT" writes one from a real event.

- name: data loss pages, and the security team is notified
  event: config/tests/events/data-loss.json
  expect:
    severity: critical
    rule: data loss
    channels: [pagerduty, slack-critical, email, email-security]

- name: a failed deployment is a warning
  event: config/tests/events/deployment-failed.json
  expect:
    severity: warning
    rule: deployment failed

- name: a failed status check means system down
  alert: { namespace: AWS/EC2, metric: StatusCheckFailed, name: orders-host }
  expect: { severity: critical, rule: system down }
`

export const STACK = `# Settings of the stack in AWS: per stage, and under default for all stages.

default:
  # Who is emailed when the router itself fails, by CloudWatch and SNS only. Nothing is deployed until you
  # change it.
  operator: platform-team@example.com
  # The accounts whose alarms, rules and people may publish to the alarms topic: this one, and any that you add by id.
  # accounts: [{ Ref: "AWS::AccountId" }, "111122223333"]
  # logLevel: INFO
  # historyDays: 30
  # archiveDays: 90

prod:
  # logRetentionDays: 90
`

export const WORKFLOW = `# Checks the rules and what is watched on every pull request. Deploy by hand, or enable the job at the end.
name: alert-router

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  rules:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          # "rules plan" compares with the previous rules.
          fetch-depth: 0
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          cache: npm
      - run: npm ci
      - run: npx alert-router rules check --strict
      - run: npx alert-router rules fmt --check
      - run: npx alert-router rules test
      - run: npx alert-router platform check --strict
      - run: npx alert-router rules plan --base git:origin/main
        if: github.event_name == 'pull_request'
      - run: npx alert-router package --stage prod

  # deploy:
  #   needs: rules
  #   if: github.ref == 'refs/heads/main'
  #   runs-on: ubuntu-latest
  #   environment: prod
  #   permissions:
  #     contents: read
  #     id-token: write
  #   steps:
  #     - uses: actions/checkout@v5
  #     - uses: actions/setup-node@v5
  #       with: { node-version: 24, cache: npm }
  #     - uses: aws-actions/configure-aws-credentials@v5
  #       with: { role-to-assume: "arn:aws:iam::111122223333:role/alert-router-deploy", aws-region: eu-west-1 }
  #     - run: npm ci
  #     - run: npx alert-router deploy --stage prod --region eu-west-1
`

/** A team's package.json, if there is none. */
export function packageFile(folder: string, version: string): string {
  const name =
    folder
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+/, '') || 'alerts'
  return `${JSON.stringify({ name, private: true, devDependencies: { 'alert-router': `^${version}` } }, null, 2)}\n`
}
