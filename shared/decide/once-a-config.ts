import type { Config } from '../../schemas/config.ts'

/** What is made of a config, made once for each, when it is first asked for; kept as long as the config is. */
export function memoizeByConfig<Made extends object>(make: (config: Config) => Made): (config: Config) => Made {
  const known = new WeakMap<Config, Made>()
  return (config) => {
    const made = known.get(config) ?? make(config)
    known.set(config, made)
    return made
  }
}
