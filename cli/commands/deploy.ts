import { AWS, JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

const WHERE = {
  stage: { value: 'STAGE', what: 'Part of the name of every resource', default: 'dev' },
  region: { value: 'REGION', what: 'Where to deploy. Default: AWS_REGION, or us-east-1', env: 'AWS_REGION' },
} as const

export const PACKAGE = spec({
  name: 'package',
  group: 'Deploy',
  summary: 'check the rules, build the zips and the template',
  about: `Checks the rules and runs their cases, as "rules push" does. Builds a zip of each function and the CloudFormation template in .serverless/, and validates the template with AWS's own validator. Needs no AWS account and no network. Deletes the previous package first.`,
  options: { ...WHERE, json: JSON_OPTION },
  examples: [['package --stage prod --region eu-west-1', 'what "deploy" would upload']],
  json: '{"stage", "region", "template", "functions": [{"zip", "bytes"}], "warnings", "cases", "notChecked"}',
  exits: {
    0: 'Packaged; the template is valid.',
    1: 'The rules have an error, a case fails, or the template is invalid. Warnings are only counted.',
  },
})

export const DEPLOY = spec({
  name: 'deploy',
  group: 'Deploy',
  summary: 'package, and deploy to your AWS account',
  about:
    'Checks the rules and runs their cases, packages the functions, and creates or updates the stack in AWS with CloudFormation. The first deployment of a stage takes a few minutes.',
  options: { ...WHERE, profile: AWS.profile },
  notes: `Secrets are not deployed: first create each one that the config names in Secrets Manager. To change only the rules, "rules push" is faster and needs no deployment.

The settings of the stack are in stack.yml in your own repository ("init" creates one), and in serverless.yml in a clone. Run other commands of serverless (info, logs, remove) beside serverless.yml: in your own repository that is .alert-router/service/, after "package".`,
  examples: [['deploy --stage prod --region eu-west-1', 'create or update stage prod']],
  exits: { 0: 'Deployed.', 1: 'The rules were rejected, or CloudFormation failed.' },
})
