/**
 * So many at a time. Of a table that throttles, all at once would use up the SDK's allowance of retries (500 tokens, five a
 * retry, given back by what succeeds), and what has been sent could not be marked.
 */
export async function inParts<One, Result>(all: One[], work: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < all.length; from += 16) {
    results.push(...(await Promise.all(all.slice(from, from + 16).map(work))))
  }
  return results
}
