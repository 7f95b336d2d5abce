/** Reads one thing after the other, as the control planes of AWS like it best: what is `there`, and what is `gone` (`null`). */
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
