import { execFileSync, execSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/*
 * After an install in a clone, on whatever Node there is: has the package `node` fetch Node 24 where the machine's own is older.
 * package.json keeps npm from doing it everywhere, which is 190 MB. A third of that are headers for compiling addons.
 */

const ours = 'node_modules/node'
const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }

if (Number(process.versions.node.split('.')[0]) < 24 && existsSync(ours) && !existsSync(join(ours, 'bin'))) {
  execFileSync(process.execPath, ['installArchSpecificPackage'], { cwd: ours, ...quiet })
  // npm links what is there when it installs: the link makes it the `node` of every script.
  execSync('npm rebuild --ignore-scripts node', quiet)
}

const fetched = join(ours, 'node_modules')
for (const name of existsSync(fetched) ? readdirSync(fetched) : []) {
  if (name.startsWith('node-')) rmSync(join(fetched, name, 'include'), { recursive: true, force: true })
}
