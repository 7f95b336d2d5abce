import { expect } from 'vitest'

// Lambda runs Node 24. On a machine with an older Node, npm scripts pick up the `node` package;
// if its install script was denied they silently run on the old one, and the tests would prove nothing.
const major = Number(process.versions.node.split('.')[0])
expect(major, `the tests need Node 24, but run on ${process.version}: run "npm ci" and then "npm test"`).toBe(24)
