import { JSON_OPTION, STAGE } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const SLACK_MANIFEST = spec({
  name: 'slack manifest',
  group: 'Deploy',
  summary: 'the manifest of a Slack app, to paste',
  about:
    'Prints the manifest of the Slack app of a stage, as YAML: paste it at api.slack.com/apps, "Create New App", "From a manifest". It asks for the scopes that are needed, and no others. Where the stage has an inbox, the app gets its buttons and its slash command, too.',
  beside: 'give the stage as --stage prod',
  options: {
    ...STAGE,
    url: {
      value: 'URL',
      what: 'Of the inbox. Default: the output InboxLambdaFunctionUrl of the stack, which is read from AWS',
    },
    json: JSON_OPTION,
  },
  notes: 'Without --url it needs cloudformation:DescribeStacks.',
  examples: [
    ['slack manifest --stage prod', 'with the buttons, if the stage has an inbox'],
    ['slack manifest --stage prod --url https://abc.lambda-url.eu-west-1.on.aws', 'without asking AWS'],
  ],
  json: 'the manifest',
  exits: { 0: 'Printed.', 1: 'There is no such stack, or AWS denied access.' },
})
