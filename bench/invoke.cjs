'use strict'
/*
 * One function as Lambda runs it at a cold start: `node bench/invoke.cjs <bundle> <event> <result>`. It loads the bundle, calls
 * its handler with the event, writes what that took into the result, and ends at once, as Lambda freezes a process. It is
 * no TypeScript, so that reading it takes no time that Lambda does not need.
 */
const { readFileSync, writeFileSync } = require('node:fs')
const [, , bundle, event, result] = process.argv
const deadline = Date.now() + 30_000
const context = {
  functionName: 'bench',
  functionVersion: '$LATEST',
  memoryLimitInMB: '512',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench',
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
}
const { handler } = require(bundle)
new Promise((resolve, reject) => {
  // An older handler answers by its context, and returns nothing.
  const old = { succeed: resolve, fail: reject, done: (error, answer) => (error ? reject(error) : resolve(answer)) }
  handler(JSON.parse(readFileSync(event, 'utf8')), { ...context, ...old })?.then(resolve, reject)
}).then(
  (answer) => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const failed = answer?.batchItemFailures?.length ?? 0
    writeFileSync(result, JSON.stringify({ failed, cpuMs: (userCPUTime + systemCPUTime) / 1_000, mb: maxRSS / 1_024 }))
    process.exit(0)
  },
  (error) => {
    process.stderr.write(`${error?.stack ?? error}\n`)
    process.exit(1)
  },
)
