#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/*
 * `alert-router`, on whatever Node the user has: the rest runs on the one that the package `node` brings, which is that of
 * Lambda. In a clone the sources run as they are; a package holds them as JavaScript, since Node reads no TypeScript there.
 */

const source = new URL('../cli/alert-router.ts', import.meta.url)
const main = existsSync(source) ? source : new URL('../dist/cli/alert-router.js', import.meta.url)

if (Number(process.versions.node.split('.')[0]) >= 24) await import(main)
else runOnOurs()

function runOnOurs() {
  const args = [...process.execArgv, fileURLToPath(main), ...process.argv.slice(2)]
  const child = spawn(ourNode(), args, { stdio: 'inherit' })
  // Ctrl-C reaches both; the child decides what comes of it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) =>
    end(`Node 24 could not be started: ${error.message}. Install it, or run "npm ci" again.`),
  )
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}

function ourNode() {
  const { resolve } = createRequire(import.meta.url)
  try {
    return join(dirname(resolve('node/package.json')), 'bin/node')
  } catch {
    return end(`alert-router needs Node 24, and this is ${process.version}: "npm ci" brings it, or install it.`)
  }
}

function end(why) {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}
