import { type Knowledge, nameOf, type Received } from './knowledge.ts'
import { inOrder } from './reference.ts'
import { isDigest } from './slack-app.ts'
import type { Taken } from './taken.ts'
import { saidIn } from './updates.ts'
import { type Input, marksIn, timeOf } from './world.ts'

/*
 * What is promised of a Slack app's messages alone: nothing is there twice, whatever gets lost, because it is looked for; and
 * each edit and each reply is about the alert of its message, which ends up with the newest; a digest with that of each.
 */

export function byApp(known: Knowledge): string[] {
  const inputs = new Map(known.truths.flatMap(({ changes }) => changes.map((input) => [input.mark, input])))
  return [
    ...postedTwice(known),
    ...misplaced(known, inputs),
    ...editedBack(known, inputs),
    ...staleDigests(known, inputs),
  ]
}

/** However often its answer was lost, and its sender died. */
function postedTwice(known: Knowledge): string[] {
  // What may not be looked for is posted again.
  if (known.has(['bad', 'revoked'], /slack-app|vendors/)) return []
  return known.truths.flatMap(({ alert, changes }) =>
    known.readers.filter(isOfApp).flatMap((reader) =>
      changes.flatMap(({ mark, form }) => {
        const received = known.received(reader, alert)
        const posts = received.filter(({ input, taken }) => input.mark === mark && taken.action === 'message')
        // A repeated text is new.
        const events = form === 'text' ? known.run.published.filter(({ input }) => input.mark === mark).length : 1
        return [...Map.groupBy(posts, (one) => nameOf(one, received))].flatMap(([name, times]) =>
          times.length <= events * known.ways(reader)
            ? []
            : [
                `${reader} has ${alert} (${mark}${name && `, ${name}`}) ${times.length} times: ${timesOf(times, known)}`,
              ],
        )
      }),
    ),
  )
}

const isOfApp = (reader: string) => reader.startsWith('slack-app:')

function timesOf(times: Received[], { run: { startedAt } }: Knowledge): string {
  return times.map(({ taken }) => timeOf(taken.at - startedAt)).join(', ')
}

/** An edit is about what its message is about, a reply about something that its thread is about. */
function misplaced({ run }: Knowledge, inputs: Map<string, Input>): string[] {
  const messages = new Map<string, string[]>()
  return run.byApp.flatMap(({ inSlack, action, target, body, at }) => {
    if (!inSlack) return []
    const alerts = alertsIn(body, inputs)
    const isEdit = action === 'edit'
    const of = messages.get((isEdit ? undefined : inSlack.threadTs) ?? inSlack.ts)
    if (!isEdit) messages.set(inSlack.ts, alerts)
    const isRight = !of || (isEdit ? isSame(alerts, of) : alerts.every((alert) => of.includes(alert)))
    if (isRight) return []
    const what = `${isEdit ? 'an edit' : 'a reply'} about ${alerts.join(', ')}`
    return [`${target} got ${what} at ${timeOf(at - run.startedAt)} in a message about ${of.join(', ')}`]
  })
}

function isSame(some: string[], others: string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one))
}

/** Long enough to be given up: a digest's edit is no alert. */
const GIVEN_UP_MS = 5 * 60_000

/** A digest shows the newest of what its thread says of each of its alerts. */
function staleDigests({ run }: Knowledge, inputs: Map<string, Input>): string[] {
  const isExcused = run.world.spells.some(
    ({ on, kind, fromMs, untilMs }) =>
      /^(dynamodb|aws)/.test(on) ||
      (/slack-app|vendors/.test(on) && (/bad|revoked/.test(kind) || untilMs - fromMs > GIVEN_UP_MS)),
  )
  if (isExcused || !run.isAtRest) return []
  return run.byApp.filter(isDigest).flatMap(({ inSlack, target }) => {
    const { ts } = inSlack ?? {}
    const now = run.byApp.findLast((one) => one.inSlack?.ts === ts)?.body
    const replies = new Set(run.byApp.flatMap((one) => (one.inSlack?.threadTs === ts ? one.inSlack?.ts : [])))
    const inThread = run.byApp.filter((one) => replies.has(one.inSlack?.ts))
    const said = inThread.flatMap((one) =>
      marksIn(one.body).flatMap((mark) => (saidIn(one, { mark }) ? [] : (inputs.get(mark) ?? []))),
    )
    const newest = [...Map.groupBy(said, ({ alert }) => alert).values()].map((some) => some.toSorted(inOrder).at(-1))
    return newest.flatMap((one) =>
      one === undefined || one.form === 'text' || marksIn(now).includes(one.mark)
        ? []
        : [`a digest in ${target} does not show that ${one.alert} is ${one.status} (${one.mark}), as its thread does`],
    )
  })
}

/** A message never goes back to what it said before something newer. */
function editedBack({ run }: Knowledge, inputs: Map<string, Input>): string[] {
  const newest = new Map<string, Input>()
  return run.byApp.flatMap(({ inSlack, target, body, at }) => {
    const [mark, ...others] = marksIn(body)
    const input = inputs.get(mark ?? '')
    // Whatever has lost its data goes on firing, and may say so again.
    if (!inSlack || !input || others.length > 0 || input.status === 'insufficient-data') return []
    const before = newest.get(inSlack.ts)
    if (!before || inOrder(input, before) >= 0) newest.set(inSlack.ts, input)
    return before && inOrder(input, before) < 0
      ? [`${target} shows ${input.alert} (${input.mark}) again at ${timeOf(at - run.startedAt)}, after ${before.mark}`]
      : []
  })
}

/** Each text is of its own. */
function alertsIn(body: Taken['body'], inputs: Map<string, Input>): string[] {
  const all = marksIn(body).flatMap((mark) => {
    const input = inputs.get(mark)
    return input ? (input.form === 'text' ? mark : input.alert) : []
  })
  return [...new Set(all)]
}
