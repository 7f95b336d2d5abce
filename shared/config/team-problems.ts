import { configSchema } from '../../schemas/config.ts'
import { teamSchema } from '../../schemas/team.ts'
import { allowed } from './allowed.ts'
import type { Problem } from './problem.ts'
import { shapeProblems, withoutMisspelt } from './shape-problems.ts'
import { valuesNamedIn } from './when-problems.ts'

/** Problems with the form of a team's file. */
export function teamProblems(data: unknown): Problem[] {
  const result = teamSchema.safeParse(data, { jitless: true })
  if (result.success) return valuesNamedIn(result.data.scope, ['scope'])
  return withoutMisspelt(result.error.issues, data).flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      return issue.keys.map((key) => ({ path: [key], message: notOfATeam(key) }))
    }
    return shapeProblems([issue], { schema: teamSchema, data })
  })
}

function notOfATeam(key: string): string {
  const keys = Object.keys(teamSchema.shape)
  if (Object.hasOwn(configSchema.shape, key)) {
    return `"${key}" applies to all teams and belongs in alerts.yml. Allowed in a team's file: ${keys.join(', ')}.`
  }
  return `unknown key "${key}" in a team's file. ${allowed(key, keys)}`
}

/** For a command that got a team's file where it needs a whole config. */
export function teamAlone(path: string): Problem {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  const message = `only a team's file has a scope, and it is read together with the alerts.yml beside it: use the folder, ${folder}`
  return { path: ['scope'], message }
}
