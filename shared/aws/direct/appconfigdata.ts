import { AwsError, Client, type Command, type Options } from './client.ts'
import type { Answer } from './exchange.ts'
import { errorIn } from './json.ts'

/* In place of @aws-sdk/client-appconfigdata (client.ts): REST, with JSON. */

export class AppConfigDataClient extends Client {
  constructor(options: Options) {
    super(
      { serviceId: 'AppConfigData', name: 'appconfigdata', signedAs: 'appconfig', variable: 'APPCONFIGDATA' },
      options,
    )
  }
}

export class ResourceNotFoundException extends AwsError {
  declare readonly ResourceType?: string
}

const errors = { ResourceNotFoundException }

export class StartConfigurationSessionCommand implements Command {
  readonly input: object

  constructor(input: object) {
    this.input = input
  }

  question(endpoint: string) {
    return {
      url: new URL('/configurationsessions', endpoint),
      method: 'POST' as const,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(this.input),
    }
  }

  read(answer: Answer): { InitialConfigurationToken?: string } {
    if (answer.status >= 300) throw errorIn(answer, errors)
    return JSON.parse(answer.text)
  }
}

export class GetLatestConfigurationCommand implements Command {
  readonly input: { ConfigurationToken: string }

  constructor(input: { ConfigurationToken: string }) {
    this.input = input
  }

  question(endpoint: string) {
    const token = encodeURIComponent(this.input.ConfigurationToken)
    const url = new URL(`/configuration?configuration_token=${token}`, endpoint)
    return { url, method: 'GET' as const, headers: {}, body: '' }
  }

  read(answer: Answer) {
    if (answer.status >= 300) throw errorIn(answer, errors)
    const { text, headers } = answer
    const intervalS = headers['next-poll-interval-in-seconds']
    return {
      NextPollConfigurationToken: headers['next-poll-configuration-token'],
      NextPollIntervalInSeconds: intervalS === undefined ? undefined : Number(intervalS),
      Configuration: text === '' ? undefined : { length: text.length, transformToString: () => text },
    }
  }
}
