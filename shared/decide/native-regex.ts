/**
 * The expression for JavaScript's own engine, if it provably means the same as with RE2 and takes a bounded number of steps at
 * each place of a text: ASCII, classes, `?`, groups and alternatives, without `*`, `+`, `{`, `\w` or `\b`, and with at most
 * `MAX_WAYS` ways through it. Most that people write in rules are such. It is there at once, where RE2 compiles for half a
 * millisecond. `undefined`: it is not so simple.
 */
export function nativeRegex({ source, flags }: { source: string; flags: string }): RegExp | undefined {
  if (flags !== '' && flags !== 'i') return undefined
  const reading: Reading = { source, at: 0, written: '' }
  const ways = alternatives(reading)
  if (ways === undefined || ways > MAX_WAYS || reading.at < source.length) return undefined
  // By code points, and with Unicode's simple case folding: as RE2.
  return new RegExp(reading.written, `u${flags}`)
}

/** Ways to try at one place of a text. */
const MAX_WAYS = 2_000

interface Reading {
  source: string
  at: number
  /** What is read, for JavaScript. */
  written: string
}

const [LITERAL, ESCAPED] = ['[A-Za-z0-9 _:@#%&=,;<>~\'"!/-]', '\\\\[/.\\\\^$*+?()[\\]{}|-]']
const CLASS = '\\[\\^?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9 _.:@])+-?\\]'
const ATOM = new RegExp(`${LITERAL}|${ESCAPED}|${CLASS}|\\.`, 'y')

/** How many ways there are through `a|b|c`, up to the end of its group; `undefined`: it is not simple. */
function alternatives(reading: Reading): number | undefined {
  let ways = 0
  for (;;) {
    const one = sequence(reading)
    if (one === undefined) return undefined
    ways += one
    if (reading.source[reading.at] !== '|') return ways
    take(reading, '|')
  }
}

function sequence(reading: Reading): number | undefined {
  let ways = 1
  for (;;) {
    const next = reading.source[reading.at]
    if (next === undefined || next === '|' || next === ')') return ways
    const one = next === '(' ? group(reading) : atom(reading)
    if (one === undefined) return undefined
    ways *= optionally(reading, one)
  }
}

function group(reading: Reading): number | undefined {
  take(reading, '(')
  // What it captures is of no use for a match; a group of another kind is none of ours.
  const isPlain = reading.source.startsWith('?:', reading.at)
  if (isPlain) take(reading, '?:')
  const ways = alternatives(reading)
  if (ways === undefined || reading.source[reading.at] !== ')') return undefined
  take(reading, ')')
  return ways
}

/** One character, or a place: `^`, `$`. */
function atom(reading: Reading): number | undefined {
  const { source, at } = reading
  if (source[at] === '^' || source[at] === '$') {
    // A place that may be absent is always there.
    if (source[at + 1] === '?') return undefined
    take(reading, source[at])
    return 1
  }
  ATOM.lastIndex = at
  const [found] = ATOM.exec(source) ?? []
  if (found === undefined) return undefined
  // RE2's `.` is everything but a line feed; JavaScript's leaves out three more. `\-` is only good in a class there.
  const written = { '.': '[^\\n]', '\\-': '-' }[found] ?? found
  reading.at += found.length
  reading.written += written
  return 1
}

function optionally(reading: Reading, ways: number): number {
  if (reading.source[reading.at] !== '?') return ways
  take(reading, '?')
  return ways + 1
}

function take(reading: Reading, text: string): void {
  reading.at += text.length
  reading.written += text
}
