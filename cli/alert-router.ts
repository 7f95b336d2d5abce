import { enableCompileCache, findPackageJSON } from 'node:module'
import { basename, dirname, join } from 'node:path'

/*
 * Compiled code is kept for the next command, which then starts in half the time: in node_modules, with which it goes.
 * Node does without where that cannot be written. It keeps only what is imported after this.
 */
const home = dirname(findPackageJSON(import.meta.url) ?? '')
const modules = basename(dirname(home)) === 'node_modules' ? dirname(home) : join(home, 'node_modules')
enableCompileCache(join(modules, '.cache/alert-router'))

const [{ runCommand }, { main }] = await Promise.all([import('./command.ts'), import('./main.ts')])
await runCommand(main)
