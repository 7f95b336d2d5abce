import { execFileSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/*
 * Makes dist/, which the package holds in place of the sources: Node reads no TypeScript below node_modules. It has the same
 * folders, and what serverless reads beside them. `npm pack` runs it.
 */

rmSync('dist', { recursive: true, force: true })
execFileSync('node_modules/.bin/tsc', ['--project', 'bin/tsconfig.json'], { stdio: 'inherit' })
for (const file of globSync('deploy/**/*.yml')) cpSync(file, `dist/${file}`)
const service = readFileSync('serverless.yml', 'utf8')
writeFileSync('dist/serverless.yml', service.replace(/^( +- \.\S+)\.ts$/gm, '$1.js'))
