interface Waiting<Asked, Answer> {
  one: Asked
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/**
 * Calls of one turn of the event loop become one call: the alerts of a batch are read together, and its wake-ups published
 * together. Each succeeds or fails alone.
 * @param ask gets all that is asked for, and answers each, in their order. When AWS refuses all of it, each is asked for alone:
 * it may be about one of them.
 */
export function together<Asked, Answer>(
  ask: (all: Asked[]) => Promise<(Answer | Error)[]>,
): (one: Asked) => Promise<Answer> {
  let waiting: Waiting<Asked, Answer>[] = []

  async function askAll(all: Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await ask(all.map(({ one }) => one))
      for (const [n, { resolve, reject }] of all.entries()) {
        const answer = answers[n] as Answer | Error
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      }
    } catch (error) {
      if (all.length > 1 && isRefusal(error)) await Promise.all(all.map((one) => askAll([one])))
      else for (const { reject } of all) reject(error)
    }
  }

  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject })
      if (waiting.length > 1) return
      setImmediate(() => {
        const all = waiting
        waiting = []
        void askAll(all)
      })
    })
}

/** Not an outage and no throttling: the same request would be refused again (@smithy/types, SdkError). */
function isRefusal(error: unknown): boolean {
  const { $fault, name = '' } = error as { $fault?: unknown; name?: string }
  return $fault === 'client' && !/Throttl|Throughput|Limit/.test(name)
}
