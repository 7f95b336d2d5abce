import { FACTS, pages } from '../shared/channels/types.ts'
import { didYouMean } from '../shared/config/allowed.ts'
import { readConfig } from '../shared/config/read.ts'
import { newDrillId } from '../shared/drill/ids.ts'
import { type DrillOutcome, hasArrived, hasEnded } from '../shared/drill/story.ts'
import { sendText } from '../shared/drill/text.ts'
import { UsageError } from './command.ts'
import type { SEND } from './commands/drill.ts'
import { confirmed } from './confirmed.ts'
import { type Drilling, openDrilling, timeoutMs, whoAmI } from './drill/open.ts'
import { describeOutcome, nextSteps } from './drill/print.ts'
import type { Given } from './frame/spec.ts'

export async function send({ options, args: [channel = '', text = ''] }: Given<typeof SEND>): Promise<number> {
  const limitMs = timeoutMs(options.timeout)
  if (text.trim() === '') throw new UsageError('What should it say? As in: send slack-critical "hello"')
  const { channels } = readConfig(options.config)
  const names = Object.keys(channels)
  const config = Object.hasOwn(channels, channel) ? channels[channel] : undefined
  if (!config) {
    throw new UsageError(`no channel "${channel}". ${didYouMean(channel, names)}There are: ${names.join(', ')}.`)
  }
  const drilling = await openDrilling(options.stage)
  try {
    const { where } = drilling.router
    const question = `This pages whoever is on call, by ${channel} in ${where}. Continue? [y/N] `
    if (pages(config) && !options.yes && !(await confirmed(question, 'send'))) {
      process.stderr.write('Nothing was sent.\n')
      return 1
    }
    const { drilled } = drilling
    const about = { text, by: whoAmI(), id: newDrillId(drilled.now()), timeoutMs: limitMs }
    const opensIncident = FACTS[config.type].opensIncidents
    const outcome = await sendText(channel, { ...about, opensIncident }, drilled).catch((error) => {
      if (drilling.isInterrupted()) return undefined
      throw error
    })
    if (!outcome) return 130
    print(outcome, channel, options, drilling)
    return hasEnded(outcome) ? 0 : 1
  } finally {
    drilling.close()
  }
}

function print(
  outcome: DrillOutcome,
  channel: string,
  { json, timeout }: { json: boolean; timeout: string },
  { router }: Drilling,
): void {
  const { id, arrivals } = outcome
  if (json) {
    const [one] = arrivals ?? []
    process.stdout.write(`${JSON.stringify({ channel, id, arrived: hasArrived(outcome), ...one })}\n`)
    return
  }
  process.stdout.write(`${describeOutcome(outcome, undefined, timeout).join('\n')}\n`)
  if (arrivals === undefined) {
    process.stderr.write(
      `Does ${router.where} have rules with the channel ${channel}? They decide there, not those here.\n`,
    )
  }
  for (const step of nextSteps([outcome], router)) process.stderr.write(`${step}\n`)
}
