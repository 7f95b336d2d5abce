import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { describe, expect, it } from 'vitest'
import rules, { ROOMS } from './rooms.ts'

describe('the rooms', () => {
  it('are listed in CONTRIBUTING.md, top floor first, as the folders are', () => {
    const map = readFileSync('CONTRIBUTING.md', 'utf8')
    const listed = [...map.matchAll(/^\| `([a-z/-]+)\/` \|/gm)].map(([, room]) => room)
    expect(listed).toEqual(ROOMS)
    const inShared = readdirSync('shared').map((name) => `shared/${name}`)
    expect(ROOMS.filter((room) => room.startsWith('shared/')).sort()).toEqual(inShared.sort())
  })
})

/** What lint says of a house with these files, a rule and the file that breaks it on each line. */
async function broken(files: Record<string, string>): Promise<string[]> {
  const house = mkdtempSync(join(tmpdir(), 'alert-router-house-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(house, path)), { recursive: true })
      writeFileSync(join(house, path), text)
    }
    const options = { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true, baseDir: house }
    const { output } = await cruise(Object.keys(files), options)
    return (output as ICruiseResult).summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`)
  } finally {
    rmSync(house, { recursive: true, force: true })
  }
}

const PLANTED: [what: string, files: Record<string, string>, says: string][] = [
  [
    'two files that import each other',
    {
      'shared/decide/hold.ts': "import type { B } from './follow.ts'\nexport type A = B",
      'shared/decide/follow.ts': "import type { A } from './hold.ts'\nexport type B = A",
    },
    'no-circle: shared/decide/follow.ts',
  ],
  [
    'an import of a room above, even of a type',
    {
      'shared/decide/decide.ts': "import type { Turn } from '../deliver/turn.ts'\nexport type A = Turn",
      'shared/deliver/turn.ts': 'export type Turn = string',
    },
    'shared/decide-imports-nothing-above-it: shared/decide/decide.ts',
  ],
  [
    'a rule that reaches AWS',
    {
      'shared/plan/plan.ts': "import { kept } from '../store/alerts.ts'\nexport const plan = kept",
      'shared/store/alerts.ts': "import { table } from '../aws/table.ts'\nexport const kept = table",
      'shared/aws/table.ts': 'export const table = 1',
    },
    'pure-rooms-know-no-aws: shared/plan/plan.ts',
  ],
  [
    "a channel's renderer that reaches AWS",
    {
      'shared/channels/slack/render.ts': "import { secret } from '../../aws/secrets.ts'\nexport const text = secret",
      'shared/aws/secrets.ts': 'export const secret = 1',
    },
    'pure-rooms-know-no-aws: shared/channels/slack/render.ts',
  ],
  [
    'a command that calls a function',
    {
      'cli/replay.ts': "import { handler } from '../functions/route.ts'\nhandler()",
      'functions/route.ts': 'export const handler = () => {}',
    },
    'functions-are-entries: cli/replay.ts',
  ],
  [
    'a file that nobody needs but its test',
    {
      'cli/alert-router.ts': "import '../shared/parse/parse.ts'",
      'shared/parse/parse.ts': '',
      'shared/parse/old.ts': 'export const old = 1',
      'test/old.test.ts': "import { old } from '../shared/parse/old.ts'\nold",
    },
    'no-dead-file: shared/parse/old.ts',
  ],
  [
    'a file that lies loose in shared/',
    { 'cli/replay.ts': "import '../shared/text.ts'", 'shared/text.ts': '' },
    'every-file-has-a-room: cli/replay.ts',
  ],
  ['an import of what is not there', { 'cli/replay.ts': "import './nowhere.ts'" }, 'nothing-missing: cli/replay.ts'],
]

describe('lint refuses', () => {
  it.each(PLANTED)('%s', async (_what, files, says) => {
    expect(await broken(files)).toContain(says)
  })

  it('nothing where each room imports from below', async () => {
    const files = {
      'cli/replay.ts': "import { parse } from '../shared/parse/parse.ts'\nparse()",
      'shared/parse/parse.ts': "import { shape } from '../../schemas/alert.ts'\nexport const parse = () => shape",
      'schemas/alert.ts': 'export const shape = 1',
    }
    expect(await broken(files)).toEqual([])
  })
})
