import type { Config } from '../../schemas/config.ts'

/** Configs that are another one with something beside it, and that one. */
const before = new WeakMap<Config, Config>()

/** A config with more in it, of which nothing that is computed once per config depends: all of that is kept. */
export function asBefore<Made extends Config>(made: Made, config: Config): Made {
  before.set(made, before.get(config) ?? config)
  return made
}

/** A value computed once per config, on first use; kept as long as the config. */
export function memoizeByConfig<Made extends object>(make: (config: Config) => Made): (config: Config) => Made {
  const known = new WeakMap<Config, Made>()
  return (of) => {
    const config = before.get(of) ?? of
    const made = known.get(config) ?? make(config)
    known.set(config, made)
    return made
  }
}
