import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCommand, partsOf, quoted, shell } from '../shared/questions/shell.ts'
import { anyCharacter } from './any-character.ts'

/** What a shell makes of a command's words. */
function wordsIn(command: string): string[] {
  const printed = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${command}`], {
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  })
  return printed.toString().split('\0').slice(0, -1)
}

const HOSTILE = [
  ...['$(touch /tmp/owned)', '`id`', "'; rm -rf ~; echo '", '" && id #', 'a\nb; id', 'a\\', "\\'", '!!', '~', '*'],
  ...[
    '--cli-input-json',
    '-',
    '',
    ' ',
    '\t',
    '\u001b[2J',
    'invisible\u200b',
    'turned\u202eround',
    '{a,b}',
    'ünïcode',
    '👾',
  ],
]

describe('a name that is not harmless', () => {
  test.each(HOSTILE)('is one word, and nothing else: %j', (name) => {
    expect(wordsIn(`x ${quoted(name)} y`)).toEqual(['x', name, 'y'])
  })

  test('whatever it is', () => {
    const name = fc.string({ unit: anyCharacter, maxLength: 20 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 50 }), (names) => {
        expect(wordsIn(names.map(quoted).join(' '))).toEqual(names)
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    ['=ls', "'=ls'"],
    ['=', "'='"],
    ['a=b', 'a=b'],
  ])('zsh makes no path of %s: %s', (name, word) => {
    expect(quoted(name)).toBe(word)
    expect(shell('aws x', { name })).toBe(`aws x --name ${word}`)
  })

  test.each(HOSTILE)('is seen as a whole: %j', (name) => {
    expect(quoted(name)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test.each(HOSTILE)('is a value, and no option: %j', (name) => {
    const command = shell('aws lambda update-function-configuration', { 'function-name': name, 'memory-size': '1024' })
    const words = wordsIn(command.replace('aws ', ''))
    expect(words.join(' ')).toBe(
      `lambda update-function-configuration --function-name${name.startsWith('-') ? '=' : ' '}${name} --memory-size 1024`,
    )
  })

  test.each(HOSTILE)('is not broken where a long command is: %j', (name) => {
    const command = shell('aws rds stop-db-instance', { 'db-instance-identifier': name, region: 'eu-west-1' })
    expect(wordsIn(partsOf(command).join(' \\\n  '))).toEqual(wordsIn(command))
  })
})

test('what needs no quotes has none', () => {
  expect(
    shell('aws ssm send-command', {
      targets: 'Key=InstanceIds,Values=i-1,i-2',
      'document-name': 'AWS-RunPatchBaseline',
    }),
  ).toBe('aws ssm send-command --targets Key=InstanceIds,Values=i-1,i-2 --document-name AWS-RunPatchBaseline')
})

test('an option stays beside its value', () => {
  expect(partsOf("aws lambda x --function-name 'a b' --save --region=-r --memory-size 1")).toEqual([
    ...['aws', 'lambda', 'x', "--function-name 'a b'", '--save', '--region=-r', '--memory-size 1'],
  ])
})

test('unless both are too long', () => {
  expect(partsOf('aws x --name a-long-one --yes', 12)).toEqual(['aws', 'x', '--name', 'a-long-one', '--yes'])
})

test.each([
  ['npm ci', true],
  ['aws rds start-db-instance', true],
  ['withdraw the request', false],
])('whether %j is a command: %j', (text, is) => {
  expect(isCommand(text)).toBe(is)
})
