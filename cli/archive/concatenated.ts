/**
 * The JSON objects that stand one after the other in a text, with or without line breaks between them: an object of the
 * archive is the records that Firehose was given, put together. What stands between objects is left out; one that is
 * cut off at the end is given as far as it goes, so that its reader can say so.
 */
export function* concatenated(text: string): Generator<string> {
  let depth = 0
  let start = 0
  // Only the characters that matter are looked at: braces, and strings as a whole, which may hold braces.
  for (const { 0: found, index } of text.matchAll(/[{}]|"(?:[^"\\]|\\.)*"/gs)) {
    if (found === '{') {
      if (depth++ === 0) start = index
    } else if (found === '}' && depth > 0 && --depth === 0) {
      yield text.slice(start, index + 1)
    }
  }
  if (depth > 0) yield text.slice(start)
}
