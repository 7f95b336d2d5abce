import * as z from 'zod'
import { lineSchema } from '../../schemas/case.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import { isName, readStory } from './story.ts'
import type { StepLine } from './story-line.ts'

const FORM = 'a list of what people do and when, as in "- at 09:30: orders-errors acknowledged by ann in Slack"'

const linesSchema = /* @__PURE__ */ (() => z.array(lineSchema))()

/**
 * Checks what people did on a day: lines as in a story, about alerts of these names. Pure: `readYaml` adds file and line.
 * @throws {ConfigError} with all problems.
 */
export function checkPeople(data: unknown, names: string[]): StepLine[] {
  const lines = linesSchema.safeParse(data ?? [])
  if (!lines.success) throw new ConfigError([{ path: [], message: `this file holds ${FORM}` }])
  if (lines.data.length === 0) return []
  const alerts = Object.fromEntries(names.filter(isName).map((name) => [name, {}]))
  const { story, problems } = readStory({ name: 'people', alerts, story: lines.data })
  const found = problems.map(({ path: [, ...path], message }): Problem => ({ path, message }))
  const wrong = story.steps.find(({ what }) => what.kind === 'change' || what.kind === 'duplicate')?.text
  if (wrong !== undefined) found.push({ path: [], message: `found "${wrong}": what alarms do is in the events` })
  if (story.expected.length > 0) {
    found.push({ path: [], message: 'nothing is expected here: write a story for that (rules test)' })
  }
  if (found.length > 0) throw new ConfigError(found)
  return story.steps
}
