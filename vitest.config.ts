import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * What these test knows of no environment and keeps no state: they share processes, which saves half a second each. All
 * others have one of their own, whose environment, time and modules are theirs.
 */
const SHARING = [
  'arguments',
  'channels-in-words',
  'check-*',
  'commands',
  'config{,-*}',
  'digests',
  'doctor{,-policy}',
  'due',
  'editing-rules',
  'hostile',
  'identity',
  'live-config',
  'messages',
  'mutants',
  'next{,-step}',
  'notices-due',
  'pagerduty',
  'parse-*',
  'plan',
  'remove',
  'renamed',
  'rule-values',
  'rules{,-archive,-check,-explain,-fmt,-live,-plan,-push,-test,-tree}',
  'shipped-rules',
  'simulation{,-models}',
  'slack',
  'stand-ins',
  'templates',
  'turn',
  'validate-config',
  'which-router',
  'windows',
].map((name) => `test/${name}.test.ts`)

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than there are cores, for while some wait for a process that they have started.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: SHARING } },
    ],
  },
})
