/**
 * The JSON objects in a text, one after the other, with or without line breaks between them: Firehose concatenates
 * its records into an object of the archive. Text between objects is skipped; a truncated object at the end is
 * returned as it is, so that its reader can report it.
 */
export function* concatenated(text: string): Generator<string> {
  let depth = 0
  let start = 0
  // Only braces matter, and whole strings, which may contain braces.
  for (const { 0: found, index } of text.matchAll(/[{}]|"(?:[^"\\]|\\.)*"/gs)) {
    if (found === '{') {
      if (depth++ === 0) start = index
    } else if (found === '}' && depth > 0 && --depth === 0) {
      yield text.slice(start, index + 1)
    }
  }
  if (depth > 0) yield text.slice(start)
}
