import { AWS, JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

const WHERE = {
  stage: { value: 'STAGE', what: 'It is part of every name', default: 'dev' },
  region: { value: 'REGION', what: 'Where it is deployed to. Without it AWS_REGION, or us-east-1', env: 'AWS_REGION' },
} as const

export const PACKAGE = spec({
  name: 'package',
  group: 'Deploy',
  summary: 'check the rules, make the zips and the template',
  about: `Checks the rules and runs their cases, as "rules push" does; makes a zip of each function and the CloudFormation template in .serverless/, and has AWS's own validator check the template. Needs no AWS account and no network. What an earlier package left there is deleted first.`,
  options: { ...WHERE, json: JSON_OPTION },
  examples: [['package --stage prod --region eu-west-1', 'what "deploy" would put into AWS']],
  json: '{"stage", "region", "template", "functions": [{"zip", "bytes"}], "warnings", "cases", "notLookedAt"}',
  exits: {
    0: 'It is packaged, and the template is valid.',
    1: 'The rules have an error, a case fails, or the template is not valid. Warnings are only counted.',
  },
})

export const DEPLOY = spec({
  name: 'deploy',
  group: 'Deploy',
  summary: 'package, and put it into your AWS account',
  about:
    'Checks the rules and runs their cases, packages the functions, and creates or updates the stack in AWS with CloudFormation. The first deployment of a stage takes some minutes.',
  options: { ...WHERE, profile: AWS.profile },
  notes: `Secrets are not part of it: put each one that the config names into Secrets Manager before. Rules alone go live faster, and without a deployment, by "rules push".

What the stack is like stands in stack.yml in a repository of your own ("init" makes one), and in serverless.yml in a clone. Other commands of serverless (info, logs, remove) run beside serverless.yml: in a repository of your own that is .alert-router/service/, once "package" has run.`,
  examples: [['deploy --stage prod --region eu-west-1', 'create or update the stage prod']],
  exits: { 0: 'It is deployed.', 1: 'The rules are refused, or CloudFormation failed.' },
})
