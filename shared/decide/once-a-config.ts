import type { Config } from '../../schemas/config.ts'

/** A value computed once per config, on first use; kept as long as the config. */
export function memoizeByConfig<Made extends object>(make: (config: Config) => Made): (config: Config) => Made {
  const known = new WeakMap<Config, Made>()
  return (config) => {
    const made = known.get(config) ?? make(config)
    known.set(config, made)
    return made
  }
}
