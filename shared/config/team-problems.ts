import { configSchema } from '../../schemas/config.ts'
import { teamSchema } from '../../schemas/team.ts'
import { allowed } from './allowed.ts'
import type { Problem } from './problem.ts'
import { shapeProblems, withoutMisspelt } from './shape-problems.ts'

/** What is wrong with the form of a team's file. */
export function teamProblems(data: unknown): Problem[] {
  const result = teamSchema.safeParse(data, { jitless: true })
  if (result.success) return []
  return withoutMisspelt(result.error.issues, data).flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      return issue.keys.map((key) => ({ path: [key], message: notOfATeam(key) }))
    }
    return shapeProblems([issue], data)
  })
}

function notOfATeam(key: string): string {
  const keys = Object.keys(teamSchema.shape)
  if (Object.hasOwn(configSchema.shape, key)) {
    return `"${key}" is for all teams, and stands in alerts.yml alone. Allowed in a team's file: ${keys.join(', ')}.`
  }
  return `"${key}" is not known in a team's file. ${allowed(key, keys)}`
}

/** For who gives a team's file where a whole config is needed. */
export function teamAlone(path: string): Problem {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  const message = `only a team's file has one, and that is read together with the alerts.yml beside it: name the folder, ${folder}`
  return { path: ['scope'], message }
}
