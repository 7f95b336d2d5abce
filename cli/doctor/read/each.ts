/**
 * Reads resources one after the other, to spare AWS's control planes: those that exist (`there`), and those that do
 * not (`gone`).
 */
export async function each<From, To>(
  things: From[],
  read: (thing: From) => Promise<To | null>,
): Promise<{ there: To[]; gone: From[] }> {
  const there: To[] = []
  const gone: From[] = []
  for (const thing of things) {
    const found = await read(thing)
    if (found === null) gone.push(thing)
    else there.push(found)
  }
  return { there, gone }
}
