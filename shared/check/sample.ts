import { readRegex } from '../decide/regex.ts'
import { intervalOf, numberIn } from './interval.ts'
import type { Text } from './text.ts'

/** Values that match a text, a few and short: guesses of what a regular expression takes are tried on it. */
export function samplesOf(text: Text): string[] {
  if (text.form === 'exact') return [text.text]
  if (text.comparison) {
    const number = numberIn(intervalOf(text.comparison))
    return number === undefined ? [] : [String(number)]
  }
  const guesses = text.form === 'glob' ? globSamples(text.text) : guess(text)
  return [...new Set(guesses)].filter(text.matches)
}

/** `orders-*` is `orders-x` to a reader. */
function globSamples(glob: string): string[] {
  const named = glob.replace(/([-_./])\*+$/, '$1x').replace(/^\*+([-_./])/, 'x$1')
  return [named.replaceAll('*', ''), ...['', 'x', '-1'].map((run) => glob.replaceAll('*', run))].map((one) =>
    one.replaceAll('?', 'x'),
  )
}

/** Values that match several globs: each begins as one of them does and ends as the other. */
export function samplesOfAll(texts: Text[]): string[] {
  const globs = texts
    .filter(({ form }) => form === 'glob')
    .map(({ text }) => text.replaceAll('*', '').replaceAll('?', 'x'))
  const joined = globs.flatMap((one) => globs.map((other) => join(one, other)))
  return [...texts.flatMap(samplesOf), ...joined].filter((value) => texts.every(({ matches }) => matches(value)))
}

/** `orders-` and `-down` are `orders-down`. */
function join(start: string, end: string): string {
  for (let shared = Math.min(start.length, end.length); shared > 0; shared--) {
    if (start.endsWith(end.slice(0, shared))) return start + end.slice(shared)
  }
  return start + end
}

function guess({ text }: Text): string[] {
  const source = readRegex(text)?.source ?? ''
  return [0, 1, 2, 3].map((choice) => new Guess(source, choice).alternatives())
}

/** Reads a regular expression from left to right and writes what it may match. What it does not know it leaves out. */
class Guess {
  #at = 0
  readonly #source: string
  /** Which of several alternatives is taken, where there are so many. */
  readonly #choice: number

  constructor(source: string, choice: number) {
    this.#source = source
    this.#choice = choice
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
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
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
    return escaped(this.#source[this.#at++] ?? '')
  }

  /** How often what stands before is repeated: as seldom as it may be. */
  #times(): number {
    const [whole = '', low] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += whole.length
    if (low !== undefined) return Math.min(Number(low), 100)
    return whole === '' || whole.startsWith('+') ? 1 : 0
  }
}

function escaped(char: string): string {
  return { d: '0', w: 'x', s: ' ', b: '', B: '', A: '', z: '', D: 'x', W: '-', S: 'x' }[char] ?? char
}
