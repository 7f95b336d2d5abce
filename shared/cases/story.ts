import type { Case } from '../../schemas/case.ts'
import type { Problem } from '../config/problem.ts'
import { MOMENTS, type Moment, readMoment } from './moment.ts'
import { type ExpectLine, RESERVED, readExpectations, readHappening, readWhen, type StepLine } from './story-line.ts'

/** A story, read: what happens, and what is expected. */
export interface Story {
  starts: Moment | undefined
  ends: Moment | undefined
  /** The names of its alerts; none if it is about one alone. */
  alerts: string[]
  steps: StepLine[]
  expected: ExpectLine[]
}

/** Reads the story of a case, and what is wrong with it, by paths within the case. Pure. */
export function readStory({ story = [], alerts = {}, starts, ends }: Case): { story: Story; problems: Problem[] } {
  const names = Object.keys(alerts)
  const read: Story = { starts: undefined, ends: undefined, alerts: names, steps: [], expected: [] }
  const problems: Problem[] = names.flatMap(nameProblem)
  const wrong = (path: Problem['path'], message: string) => problems.push({ path, message })
  for (const [key, text] of Object.entries({ starts, ends })) {
    const moment = text === undefined ? undefined : readMoment(text)
    if (text !== undefined && !isStart(key, moment)) wrong([key], `found "${text}": ${FORM[key as keyof typeof FORM]}`)
    read[key as keyof typeof FORM] = moment
  }
  for (const { key, path, said } of linesIn(story)) {
    const when = readWhen(key)
    if ('wrong' in when) {
      wrong(['story', ...path], when.wrong)
      continue
    }
    for (const { text, path } of said) {
      const problem = readOne(text, when.line, read)
      if (problem !== undefined) wrong(['story', ...path], problem)
    }
  }
  if (problems.length === 0 && read.steps.length === 0) {
    wrong(['story'], 'nothing happens in it: write a line such as "at 0m: firing"')
  }
  return { story: read, problems }
}

interface WrittenLine {
  /** Its time. */
  key: string
  path: Problem['path']
  /** What is said of that time. */
  said: { text: string; path: Problem['path'] }[]
}

/** The lines as written, but for white space, by their paths within the list. */
export function linesIn(story: NonNullable<Case['story']>): WrittenLine[] {
  return story.flatMap((lines, index) =>
    Object.entries(lines).map(([key, said]) => {
      const path = [index, key]
      const pathOf = (place: number) => (Array.isArray(said) ? [...path, place] : path)
      return {
        ...{ key: inSingleSpaces(key), path },
        said: [said].flat().map((text, place) => ({ text: inSingleSpaces(text), path: pathOf(place) })),
      }
    }),
  )
}

/** Each run of white space is one space. */
export function inSingleSpaces(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

const FORM = {
  starts: 'write it as 2026-11-27 23:00, in the timezone of the rules, or with its own, 2026-11-27T23:00:00+01:00',
  ends: `a time is ${MOMENTS}`,
}

function isStart(key: string, moment: Moment | undefined): boolean {
  return moment !== undefined && (key === 'ends' || 'date' in moment)
}

type When = Extract<ReturnType<typeof readWhen>, { line: unknown }>['line']

/** Adds what is said of a time to the story; or returns what is wrong with it. */
function readOne(text: string, { isExpected, period, when }: When, story: Story): string | undefined {
  if (isExpected) {
    const found = readExpectations(text, story.alerts)
    if ('wrong' in found) return found.wrong
    story.expected.push({ period, when, what: found.line, text })
    return undefined
  }
  const found = readHappening(text, story.alerts)
  if ('wrong' in found) return found.wrong
  const { line } = found
  const isSame = ({ what }: StepLine) => what.kind === 'change' && 'alert' in line && what.alert === line.alert
  if (line.kind === 'duplicate' && !story.steps.some(isSame)) {
    return 'there is nothing to repeat: a line such as "at 0m: firing" comes before it'
  }
  story.steps.push({ at: period.from as Moment, what: found.line, text })
  return undefined
}

/** Can lines of a story name it? */
function isName(name: string): boolean {
  return /^[A-Za-z][\w-]*$/.test(name) && !RESERVED.includes(name)
}

function nameProblem(name: string): Problem[] {
  const message = `the name of an alert in a story is one word of letters, digits and dashes, and none of ${RESERVED.join(', ')}`
  return isName(name) ? [] : [{ path: ['alerts', name], message }]
}
