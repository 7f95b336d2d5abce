/** What `init` lays down that is no copy of the router's own files. */

export const TESTS = `# What the rules should do, by example: "npx alert-router rules test" tries them; its --help says how a case is written,
# and "npx alert-router rules test --record EVENT" writes one from what really came.

- name: lost data wakes somebody, and the security team hears of it
  event: config/tests/events/data-loss.json
  expect:
    severity: critical
    rule: data loss
    channels: [pagerduty, slack-critical, email, email-security]

- name: a deployment that fails is a warning
  event: config/tests/events/deployment-failed.json
  expect:
    severity: warning
    rule: deployment failed

- name: a status check that fails is a system that is down
  alert: { namespace: AWS/EC2, metric: StatusCheckFailed, name: orders-host }
  expect: { severity: critical, rule: system down }
`

export const STACK = `# What holds for the stack in AWS: for each stage, and below default for all of them.

default:
  # Who is told by email when the router itself is in trouble: by CloudWatch and SNS alone. Nothing is deployed before you
  # change it.
  operator: platform-team@example.com
  # The accounts whose alarms, rules and people may publish to the alarms topic: this one, and each that you add by its id.
  # accounts: [{ Ref: "AWS::AccountId" }, "111122223333"]
  # logLevel: INFO
  # archiveDays: 90

prod:
  # logRetentionDays: 90
`

export const WORKFLOW = `# Checks the rules on every pull request. Deploying is up to a person, or to the job at the end.
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
          # "rules plan" compares with what was there before.
          fetch-depth: 0
      - uses: actions/setup-node@v5
        with:
          node-version: 24
          cache: npm
      - run: npm ci
      - run: npx alert-router rules check --strict
      - run: npx alert-router rules fmt --check
      - run: npx alert-router rules test
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

/** A team's package.json, where there is none. */
export function packageFile(folder: string, version: string): string {
  const name =
    folder
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+/, '') || 'alerts'
  return `${JSON.stringify({ name, private: true, devDependencies: { 'alert-router': `^${version}` } }, null, 2)}\n`
}
