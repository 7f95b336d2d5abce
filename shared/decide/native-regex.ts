/** An expression for JavaScript's own engine. */
export interface NativeRegex {
  regex: RegExp
  /** It takes no longer text: there RE2 is needed. */
  mostCharacters: number
}

/**
 * The expression for JavaScript's own engine, if it provably means the same as with RE2 and takes a bounded number of steps at
 * each place of a text: ASCII, classes, `?`, groups, alternatives and `\b`, without `{` and `\w`, with at most `MAX_WAYS` ways
 * through it. With one `*` or `+` behind a character or a class, its steps grow with the square of the text: it takes only what
 * is as short as a name. Most that people write in rules are such. It is there at once, where RE2 compiles for half a
 * millisecond. `undefined`: it is not so simple.
 */
export function nativeRegex({ source, flags }: { source: string; flags: string }): NativeRegex | undefined {
  if (flags !== '' && flags !== 'i') return undefined
  const reading: Reading = { source, at: 0, written: '' }
  const paths = alternatives(reading)
  if (paths === undefined || reading.at < source.length || paths.stars > 1) return undefined
  if (paths.ways > (paths.stars === 0 ? MAX_WAYS : MAX_WAYS_WITH_STAR)) return undefined
  // By code points, and with Unicode's simple case folding: as RE2.
  const regex = new RegExp(reading.written, `u${flags}`)
  return { regex, mostCharacters: paths.stars === 0 ? Number.POSITIVE_INFINITY : SHORT }
}

/** Ways to try at one place of a text. */
const MAX_WAYS = 2_000
const MAX_WAYS_WITH_STAR = 200
/** An alarm's name has 255 characters at most. */
const SHORT = 255

/** Through a part of an expression: how many ways there are, and the most `*` and `+` on one of them. */
interface Paths {
  ways: number
  stars: number
}

interface Reading {
  source: string
  at: number
  /** What is read, for JavaScript. */
  written: string
}

const [LITERAL, ESCAPED] = ['[A-Za-z0-9 _:@#%&=,;<>~\'"!/-]', '\\\\[/.\\\\^$*+?()[\\]{}|-]']
const CLASS = '\\[\\^?-?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9 _.:@()/*+?$|])+-?\\]'
const ATOM = new RegExp(`${LITERAL}|${ESCAPED}|${CLASS}|\\.`, 'y')

/** `a|b|c`, up to the end of its group; `undefined`: it is not simple. */
function alternatives(reading: Reading): Paths | undefined {
  const all = { ways: 0, stars: 0 }
  for (;;) {
    const one = sequence(reading)
    if (one === undefined) return undefined
    all.ways += one.ways
    all.stars = Math.max(all.stars, one.stars)
    if (reading.source[reading.at] !== '|') return all
    take(reading, '|')
  }
}

function sequence(reading: Reading): Paths | undefined {
  const all = { ways: 1, stars: 0 }
  for (;;) {
    const next = reading.source[reading.at]
    if (next === undefined || next === '|' || next === ')') return all
    const isGroup = next === '('
    const isPlace = PLACES.test(reading.source.slice(reading.at, reading.at + 2))
    const one = isPlace ? place(reading) : isGroup ? group(reading) : atom(reading)
    if (one === undefined) return undefined
    const quantifier = reading.source[reading.at] ?? ''
    if (quantifier === '?') all.ways *= one.ways + 1
    else all.ways *= one.ways
    all.stars += one.stars
    // What is repeated is one character, so there is one way to repeat it so often.
    if (quantifier === '*' || quantifier === '+') {
      if (isGroup) return undefined
      all.stars += 1
    }
    if (/[?*+]/.test(quantifier)) {
      if (isPlace) return undefined
      take(reading, quantifier)
    }
  }
}

function group(reading: Reading): Paths | undefined {
  take(reading, '(')
  // What it captures is of no use for a match; a group of another kind is none of ours.
  const isPlain = reading.source.startsWith('?:', reading.at)
  if (isPlain) take(reading, '?:')
  const inside = alternatives(reading)
  if (inside === undefined || reading.source[reading.at] !== ')') return undefined
  take(reading, ')')
  return inside
}

const PLACES = /^(?:[$^]|\\b)/

/** The beginning, the end, or a word's: RE2's words are ASCII, whatever the case. */
function place(reading: Reading): Paths {
  const { source, at } = reading
  const isWord = source[at] === '\\'
  reading.at += isWord ? 2 : 1
  reading.written += isWord ? '(?-i:\\b)' : source[at]
  return ONE
}

/** One character. */
function atom(reading: Reading): Paths | undefined {
  const { source, at } = reading
  ATOM.lastIndex = at
  const [found] = ATOM.exec(source) ?? []
  if (found === undefined) return undefined
  // RE2's `.` is everything but a line feed; JavaScript's leaves out three more. `\-` is only good in a class there.
  const written = { '.': '[^\\n]', '\\-': '-' }[found] ?? found
  reading.at += found.length
  reading.written += written
  return ONE
}

const ONE: Paths = { ways: 1, stars: 0 }

function take(reading: Reading, text: string): void {
  reading.at += text.length
  reading.written += text
}
