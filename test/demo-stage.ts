import { afterAll, afterEach, beforeAll } from 'vitest'
import { startDemo } from '../local/demo/start.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import { type ArchiveAndTopic, startArchiveAndTopic } from './archive-and-topic.ts'
import { here, named } from './command.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/** The demo as a stage that is deployed, with its archive and topic: for all tests of the file. */
export class DemoStage {
  aws!: AwsStandIn
  stage!: ArchiveAndTopic
  readonly #now: string

  constructor(now: string) {
    this.#now = now
    beforeAll(async () => {
      this.stage = await startArchiveAndTopic()
      this.aws = await startDemo({ platform: shippedPlatform(), rules: SHIPPED_RULES, now: new Date(now) })
    })
    afterEach(() => this.stage.forget())
    afterAll(() => Promise.all([this.aws.close(), this.stage.stop()]))
  }

  /** Runs a command, whose clients are led here. */
  run(name: 'playbook' | 'report', args: string[], env: Record<string, string> = {}) {
    const credentials = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }
    const all = { ...this.aws.env, ...this.stage.env, ...credentials, ...env }
    return here(named(name), args, { env: all, now: this.#now })
  }
}
