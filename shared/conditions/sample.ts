import { readRegex } from '../decide/regex.ts'
import { intervalOf, numbersIn } from './interval.ts'
import type { Text } from './text.ts'

/** A few short values that match a text. For a regular expression they are guesses, kept if they match. */
export function samplesOf(text: Text): string[] {
  if (text.form === 'exact') return [text.text]
  if (text.comparison) {
    return numbersIn(intervalOf(text.comparison)).map(String)
  }
  const guesses = text.form === 'glob' ? globSamples(text.text) : guess(text)
  return [...new Set(guesses)].filter(text.matches)
}

/** For `orders-*`, first `orders-x`: people understand it best. */
function globSamples(glob: string): string[] {
  const named = glob.replace(/([-_./])\*+$/, '$1x').replace(/^\*+([-_./])/, 'x$1')
  const samples = [named.replaceAll('*', ''), ...['', 'x', '-1'].map((run) => glob.replaceAll('*', run))]
  // An empty value is rare in alerts.
  return [...samples.filter((one) => one !== ''), ''].map((one) => one.replaceAll('?', 'x'))
}

/**
 * Values that match all of several texts. For globs alone one is found whenever there is one. With a regular expression, texts
 * are not combined: the result would hardly resemble a real alert.
 */
export function samplesOfAll(texts: Text[]): string[] {
  const globs = texts.filter(({ form }) => form === 'glob').map(({ text }) => text)
  const met = globs.length > 1 && globs.length === texts.length ? meetingsOf(globs) : []
  return [...new Set([...texts.flatMap(samplesOf), ...met])].filter((value) =>
    texts.every(({ matches }) => matches(value)),
  )
}

/** Values that match all of these globs: the shortest, and some in which each `*` stands for something. */
function meetingsOf(globs: string[]): string[] {
  return ['', 'x', '1'].flatMap((run) => meeting(globs.map((glob) => glob.replaceAll('*', `*${run}*`))) ?? [])
}

/** The most combinations of positions searched. */
const MAX_PLACES = 20_000

/** The shortest value that matches all of these globs. Searches from their starts, in all of them at once. */
function meeting(globs: string[]): string | undefined {
  const seen = new Set<string>()
  let places: { at: number[]; written: string }[] = [{ at: globs.map(() => 0), written: '' }]
  while (places.length > 0 && seen.size < MAX_PLACES) {
    const next: typeof places = []
    for (const { at, written } of places.flatMap((place) => withStarsPassed(place, globs))) {
      const key = at.join()
      if (seen.has(key)) continue
      seen.add(key)
      const chars = at.map((place, index) => globs[index]?.[place])
      if (chars.every((char) => char === undefined)) return written
      const char = charFor(chars)
      if (char === undefined) continue
      next.push({ at: at.map((place, index) => (chars[index] === '*' ? place : place + 1)), written: written + char })
    }
    places = next
  }
  return undefined
}

/** Every position reached without a character, because a `*` may match nothing. */
function withStarsPassed({ at, written }: { at: number[]; written: string }, globs: string[]) {
  let all = [at]
  for (const [index, glob] of globs.entries()) {
    all = all.flatMap((places) => {
      const place = places[index] ?? 0
      const stars = /\**/.exec(glob.slice(place))?.[0].length ?? 0
      return stars === 0 ? [places] : [places.with(index, place + stars - 1), places.with(index, place + stars)]
    })
  }
  return all.map((places) => ({ at: places, written }))
}

/** The next character that all of them accept, if any. */
function charFor(chars: (string | undefined)[]): string | undefined {
  if (chars.includes(undefined)) return undefined
  const fixed = new Set(chars.filter((char) => char !== '*' && char !== '?'))
  return fixed.size > 1 ? undefined : ([...fixed][0] ?? 'x')
}

function guess({ text }: Text): string[] {
  const source = readRegex(text)?.source ?? ''
  // A word begins at the start of a line, or after a space.
  const boundaries = source.includes('\\b') ? ['', ' '] : ['']
  return boundaries.flatMap((boundary) =>
    [0, 1, 2, 3].map((choice) => new Guess(source, choice, boundary).alternatives()),
  )
}

/** Reads a regular expression from left to right and builds a text that it may match. Unknown syntax is skipped. */
class Guess {
  #at = 0
  readonly #source: string
  /** Which of several alternatives is taken, if there are that many. */
  readonly #choice: number
  /** The text at a word's start or end. */
  readonly #boundary: string

  constructor(source: string, choice: number, boundary: string) {
    this.#source = source
    this.#choice = choice
    this.#boundary = boundary
  }

  alternatives(): string {
    const all = [this.#sequence()]
    while (this.#source[this.#at] === '|') {
      this.#at++
      all.push(this.#sequence())
    }
    return all[this.#choice % all.length] ?? ''
  }

  #sequence(): string {
    let written = ''
    // At the end there is nothing, which is in any text.
    while (!'|)'.includes(this.#source[this.#at] ?? '')) {
      const one = this.#one()
      written += one.repeat(this.#times())
    }
    return written
  }

  #one(): string {
    const char = this.#source[this.#at++] ?? ''
    if (char === '(') return this.#group()
    if (char === '[') return this.#class()
    if (char === '\\') return this.#escape()
    if (char === '.') return 'x'
    return char === '^' || char === '$' ? '' : char
  }

  #group(): string {
    const [flags = ''] = /^\?(:|P?<\w+>|[a-z-]+:)/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += flags.length
    const inner = this.alternatives()
    this.#at++
    return inner
  }

  #class(): string {
    const end = this.#source.indexOf(']', this.#at + 1)
    const inside = this.#source.slice(this.#at, end)
    this.#at = end < 0 ? this.#source.length : end + 1
    if (inside.startsWith('^')) return ['x', '-', '1', ' '].find((char) => !inside.includes(char)) ?? ''
    return inside.startsWith('\\') ? escaped(inside[1] ?? '') : (inside[0] ?? '')
  }

  #escape(): string {
    const char = this.#source[this.#at++] ?? ''
    return char === 'b' ? this.#boundary : escaped(char)
  }

  /** How often the preceding element is repeated: as rarely as allowed. */
  #times(): number {
    const [whole = '', low] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += whole.length
    if (low !== undefined) return Math.min(Number(low), 100)
    return whole === '' || whole.startsWith('+') ? 1 : 0
  }
}

function escaped(char: string): string {
  return { d: '0', w: 'x', s: ' ', B: '', A: '', z: '', D: 'x', W: '-', S: 'x' }[char] ?? char
}
