import { type Knowledge, nameOf, type Received } from './knowledge.ts'
import { inOrder } from './reference.ts'
import type { Taken } from './vendors.ts'
import { type Input, marksIn, timeOf } from './world.ts'

/*
 * What is promised of a Slack app's messages alone: nothing is there twice, whatever gets lost, because it is looked for; and
 * each edit and each reply is about the alert of its message.
 */

export function byApp(known: Knowledge): string[] {
  const inputs = new Map(known.truths.flatMap(({ changes }) => changes.map((input) => [input.mark, input])))
  return [...postedTwice(known), ...misplaced(known, inputs), ...editedBack(known, inputs)]
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

/** An edit is about what its message is about, a reply about something in its thread. */
function misplaced({ run }: Knowledge, inputs: Map<string, Input>): string[] {
  const threads = new Map<string, Set<string>>()
  return run.byApp.flatMap((taken) => {
    const { inSlack, action, target, body, at } = taken
    if (!inSlack) return []
    const alerts = alertsIn(body, inputs)
    const before = threads.get(inSlack.threadTs ?? inSlack.ts)
    threads.set(inSlack.threadTs ?? inSlack.ts, new Set([...(before ?? []), ...alerts]))
    const other = before && alerts.find((alert) => !before.has(alert))
    if (other === undefined) return []
    const what = action === 'edit' ? 'an edit' : 'a reply'
    return [`${target} got ${what} about ${other} at ${timeOf(at - run.startedAt)}, in another alert's message`]
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
  return marksIn(body).flatMap((mark) => {
    const input = inputs.get(mark)
    return input ? (input.form === 'text' ? mark : input.alert) : []
  })
}
