import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * These leave environment, time and modules as they found them, and can share processes, which saves half a second each. Each
 * of the others has a process of its own.
 */
const SHARING = [
  'adopted',
  'arguments',
  'alert-text',
  'aws-stand-ins',
  'bench',
  'check-*',
  'commands',
  'condition{s,-examples,-texts}',
  'config{,-*}',
  'days',
  'demo-data',
  'decision',
  'deliverers-turn',
  'digest-lines',
  'digests',
  'doctor{,-*}',
  'due',
  'editing-rules',
  'estate-{findings,message,whole}',
  'hold',
  'hostile',
  'identity',
  'joined',
  'live-config',
  'many-channels',
  'marks',
  'messages',
  'mutants',
  'new-names',
  'next{,-again,-begin,-by-time,-end,-step}',
  'notices-due',
  'one-channel',
  'open-incidents',
  'outside-text',
  'owed',
  'packaging',
  'pagerduty',
  'parse-*',
  'plan',
  'player',
  'regex',
  'remove',
  'renamed',
  'rule-index',
  'rule-values',
  'rules{,-archive,-check,-diff,-explain,-fmt,-live,-plan,-push,-rollback,-test,-tree}',
  'shipped-rules',
  'simulation{,-models}',
  'slack',
  'stand-ins',
  'stories',
  'template{,-*}',
  'templates',
  'tidy',
  'turn',
  'valid',
  'validate-config',
  'wall-clock',
  'which-router',
  'windows{,-minutes}',
].map((name) => `test/${name}.test.ts`)

/**
 * These install the package from the registry, compile a copy of the sources, interrupt each long command, wait for quotas,
 * package once more.
 */
const SLOW = ['own-repository', 'checklists', 'interrupted', 'estate-many', 'template-inbox'].map(
  (name) => `test/${name}.test.ts`,
)

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than there are cores, as some wait for processes that they have started.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { extends: true, test: { name: 'sharing', include: SHARING, exclude: SLOW, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [...SHARING, ...SLOW] } },
      { extends: true, test: { name: 'slow', include: SLOW } },
    ],
  },
})
