import { expect, test } from 'vitest'
import { withoutSecrets } from '../shared/parse/secrets.ts'

/** A text from outside may be long, and made to look like the start of a secret again and again. */

test('250,000 characters of an unfinished secret take no time', () => {
  const parts = [
    'password="',
    'password=\\"',
    "token='",
    "token='\\'",
    '://a:',
    'bearer ',
    'token: ',
    'password=,',
    'password=a&',
    'password"\\',
    'token=[',
    'token: )',
    'eyJ-',
    '-eyJaaaaaa.',
    'Cookie: a=;',
    'x=y;',
    ' -u a:',
    '<a',
    '{"token":[',
    '--token ',
    'Bearer a.',
    ' is: ',
    'A_KEY=',
    '://a:"b',
    ')',
    'basic a',
    "password '",
    'password \\"',
    'password a!',
    'token" ,',
    'token" "value',
    'mysql a',
    'redis-cli -',
    'jdbc:oracle:thin:a',
    'A_KEY":',
  ]
  for (const part of [...parts, '-----BEGIN PRIVATE KEY-----', '--', ' ', 'a']) {
    const text = `password ${part.repeat(250_000 / part.length)}token`
    const before = process.cpuUsage()
    withoutSecrets(text)
    const { user } = process.cpuUsage(before)
    // Quadratic time would be minutes.
    expect([part, user < 5_000_000]).toEqual([part, true])
  }
})
