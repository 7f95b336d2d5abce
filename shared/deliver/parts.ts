/**
 * Works through a list, 16 at a time. All at once against a throttling table would use up the SDK's retry quota (500
 * tokens, five per retry, returned on success), and sent messages could not be recorded.
 */
export async function inParts<One, Result>(all: One[], work: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < all.length; from += 16) {
    results.push(...(await Promise.all(all.slice(from, from + 16).map(work))))
  }
  return results
}
