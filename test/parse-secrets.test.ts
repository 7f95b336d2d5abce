import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../shared/parse/parse.ts'
import { withoutSecrets } from '../shared/parse/secrets.ts'
import { runs } from './fuzz-runs.ts'
import { expectNoSecret } from './no-secret.ts'

/** A text from outside may hold a secret: an alert goes to many people, so its value is hidden. */

describe('the value of a secret is hidden', () => {
  test.each([
    ['DB_PASSWORD=hunter2secret', 'DB_PASSWORD=(hidden)'],
    ['db.password = hunter2secret, user = app', 'db.password = (hidden), user = app'],
    ['Login failed. Server=db;Pwd=hunter2;User=sa', 'Login failed. Server=db;Pwd=(hidden);User=sa'],
    ['password: hunter2secret', 'password: (hidden)'],
    ['password=orders-db', 'password=(hidden)'],
    ['token:refresh token= refresh', 'token:(hidden) token= (hidden)'],
    ["password=abc'def", 'password=(hidden)'],
    ['the password ab1cde is', 'the password (hidden) is'],
    ['http://wiki/token=a token=a', 'http://wiki/token=a token=(hidden)'],
    ['The password is: hunter2', 'The password is: (hidden)'],
    ['{"password":"hun\\"ter 2","user":"app"}', '{"password":"(hidden)","user":"app"}'],
    ['{\\"apiKey\\":\\"hunter2\\",\\"user\\":1}', '{\\"apiKey\\":\\"(hidden)\\",\\"user\\":1}'],
    ["{'client_secret': 'hunter 2', 'user': 'app'}", "{'client_secret': '(hidden)', 'user': 'app'}"],
    [`{'password': 'hun"ter2', 'user': 'app'}`, "{'password': '(hidden)', 'user': 'app'}"],
    [`{"said":"password='hunter2, cut","user":1}`, `{"said":"password='(hidden)","user":1}`],
    ['x-api-key: hunter2', 'x-api-key: (hidden)'],
    ['api key=hunter2 access_token=hunter2', 'api key=(hidden) access_token=(hidden)'],
    ['grant=x&refresh_token=hunter2&user=app', 'grant=x&refresh_token=(hidden)&user=app'],
    ['GET /orders?token=hunter2 failed', 'GET /orders?token=(hidden) failed'],
    ['AWS_SECRET_ACCESS_KEY=wJalr/XUtn+FEMI', 'AWS_SECRET_ACCESS_KEY=(hidden)'],
    ['"SecretAccessKey": "wJalr/XUtn+FEMI"', '"SecretAccessKey": "(hidden)"'],
    ['Secret access key: wJalr/XUtn+FEMI', 'Secret access key: (hidden)'],
    ['curl -H "Authorization: Bearer eyJh.abc.def" -v', 'curl -H "Authorization: Bearer (hidden)" -v'],
    ['authorization: Basic dXNlcjpw', 'authorization: Basic (hidden)'],
    ['sent bearer eyJh.abc.def', 'sent bearer (hidden)'],
    ['postgres://app:hunter2@db/x is down', 'postgres://app:(hidden)@db/x is down'],
    ['amqps://app:hun@ter2@mq:5671, again', 'amqps://app:(hidden)@mq:5671, again'],
    ['redis://:hunter2@cache:6379', 'redis://:(hidden)@cache:6379'],
    ['https://ghp_0123456789abcdefghij@github.com/x', 'https://(hidden)@github.com/x'],
    ['mysql --password hunter2 -h db', 'mysql --password (hidden) -h db'],
    ['authorization=[Bearer abcdef123]', 'authorization=[Bearer (hidden)]'],
    ['Authorization: Token abc123def', 'Authorization: Token (hidden)'],
    ["'authorization': ['Bearer abcdef123456'], 'x': 1", "'authorization': ['(hidden)'], 'x': 1"],
    ['{"x-api-key":["hunter2"],"a":1}', '{"x-api-key":["(hidden)"],"a":1}'],
    ['{"db":{"pass":"hunter2"}}', '{"db":{"pass":"(hidden)"}}'],
    ['user=app pass=hunter2', 'user=app pass=(hidden)'],
    ['DB_PASS=hunter2 pw=hunter2', 'DB_PASS=(hidden) pw=(hidden)'],
    ['Cookie: session=abcdef1234; theme=dark', 'Cookie: (hidden)'],
    ['{"cookie":"sid=abcdef1234","a":1}', '{"cookie":"(hidden)","a":1}'],
    ['Set-Cookie: sid=abcdef1234; Path=/; HttpOnly was refused', 'Set-Cookie: (hidden) was refused'],
    ['AccountName=x;AccountKey=abc123==;EndpointSuffix=core', 'AccountName=x;AccountKey=(hidden);EndpointSuffix=core'],
    ['jwt eyJhbGciOiJIUz.eyJzdWIiOi.dozjgNryP4 rejected', 'jwt (hidden) rejected'],
    ['pushed with ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'pushed with (hidden)'],
    ['github_pat_11ABCDEFG0abcdefghij, glpat-abcdefghij0123456789', '(hidden), (hidden)'],
    ['xoxb-123456789012-123456789012-abcdef', '(hidden)'],
    [`charged with ${'sk_live_'}4eC39HqLyjWDarjt`, 'charged with (hidden)'],
    [
      'POST https://hooks.slack.com/services/T000/B000/XXXX failed',
      'POST https://hooks.slack.com/services/(hidden) failed',
    ],
    ['curl -u user:hunter2 https://x', 'curl -u user:(hidden) https://x'],
    ['<db><password>hunter2</password></db>', '<db><password>(hidden)</password></db>'],
    ['password := "hunter2"', 'password := "(hidden)"'],
    [
      'SECRET_KEY_BASE=abc STRIPE_KEY=abc ENCRYPTION_KEY=abc',
      'SECRET_KEY_BASE=(hidden) STRIPE_KEY=(hidden) ENCRYPTION_KEY=(hidden)',
    ],
    ['password="hun ter2 and more', 'password="(hidden)'],
    ['{"pin":1,"token":123456}', '{"pin":1,"token":"(hidden)"}'],
    ['{\\"token\\":123456,\\"a\\":1}', '{\\"token\\":\\"(hidden)\\",\\"a\\":1}'],
    ['{"a":{"token":123456},"b":[{"secret":true}]}', '{"a":{"token":"(hidden)"},"b":[{"secret":true}]}'],
    ['Driver={SQL};Pwd={s3cr3t};Server=db', 'Driver={SQL};Pwd=(hidden);Server=db'],
    ['cache_key=orders token=refresh', 'cache_key=orders token=(hidden)'],
    ['[token=abc123], (token=abc)', '[token=(hidden)], (token=(hidden))'],
    ['Token: abc123x', 'Token: (hidden)'],
    ['password: hunter, user: app', 'password: (hidden), user: app'],
    ['https://wiki/x?access_token=abc123def#top', 'https://wiki/x?access_token=(hidden)#top'],
    [
      'key:\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nis bad',
      'key:\n-----BEGIN RSA PRIVATE KEY-----(hidden)-----END RSA PRIVATE KEY-----\nis bad',
    ],
    ['-----BEGIN PRIVATE KEY-----\nabc, cut off', '-----BEGIN PRIVATE KEY-----(hidden)'],
    ["ALTER USER app WITH PASSWORD 'hunter'", "ALTER USER app WITH PASSWORD '(hidden)'"],
    ["CREATE USER 'app' IDENTIFIED BY 'hunter'; x", "CREATE USER 'app' IDENTIFIED BY '(hidden)'; x"],
    ['login with password "hunter2" failed', 'login with password "(hidden)" failed'],
    ['{"said":"with password \\"hunter2\\" it failed"}', '{"said":"with password \\"(hidden)\\" it failed"}'],
    ['Your one-time password is hunter2', 'Your one-time password is (hidden)'],
    ['{"name":"DB_PASSWORD","value":"hunter"}', '{"name":"DB_PASSWORD","value":"(hidden)"}'],
    ['{"name": "DB_PASSWORD", "value": 1234}', '{"name": "DB_PASSWORD", "value": "(hidden)"}'],
    ['- name: DB_PASSWORD\n  value: hunter2', '- name: DB_PASSWORD\n  value: (hidden)'],
    ['<add key="Password" value="hunter"/>', '<add key="Password" value="(hidden)"/>'],
    ['<entry key="password">hunter</entry>', '<entry key="password">(hidden)</entry>'],
    ['{"SecretString":"hunter","ENCRYPTION_KEY":"hunter2"}', '{"SecretString":"(hidden)","ENCRYPTION_KEY":"(hidden)"}'],
    ["Command '['mysql', '--password', 'hunter']' failed", "Command '['mysql', '--password', '(hidden)']' failed"],
    ['mysql -u root -phunter -h db', 'mysql -u root -p(hidden) -h db'],
    ['docker login -u AWS -p eyJwYXls https://x', 'docker login -u AWS -p (hidden) https://x'],
    ['redis-cli -h cache -a hunter ping', 'redis-cli -h cache -a (hidden) ping'],
    ['jdbc:oracle:thin:app/hunter@//db:1521/orders', 'jdbc:oracle:thin:app/(hidden)@//db:1521/orders'],
    ['dckr_pat_abcdefghij0123456789 of npm_abcdefghijklmnopqrstuvwxyz0123456789', '(hidden) of (hidden)'],
    // In JSON, a new line is two characters.
    ['{"said":"at x\\nghp_16C7e42F292c6912E7710c838347Ae178B4a"}', '{"said":"at x\\n(hidden)"}'],
    ['at x\\tpass=hunter2', 'at x\\tpass=(hidden)'],
    ['at x\\neyJhbGciOiJIUz.eyJzdWIiOi.dozjgNryP4', 'at x\\n(hidden)'],
    ['at x\\ncurl -u user:hunter2 https://x', 'at x\\ncurl -u user:(hidden) https://x'],
    ['key AIzaSyA1234567890abcdefghijklmnopqrstuv, sk-proj-abcdefghij0123456789', 'key (hidden), (hidden)'],
  ])('%s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown)
    expect(withoutSecrets(shown)).toBe(shown)
  })
})

/** What senders write beside the word for a secret, without one. */
const ORDINARY = [
  'The token expired',
  'token: expired',
  'Password: reset required for dev-bob',
  'password: must not be empty',
  'Unexpected token: <',
  'max_tokens=4096, total_tokens: 12',
  'secretName: orders-db, token_type=opaque',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-a1b2c3',
  'secret=arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-a1b2c3',
  'Exposed access key: AKIAIOSFODNN7EXAMPLE',
  'access_key_id=AKIAIOSFODNN7EXAMPLE',
  'PWD=/var/task',
  'password=$DB_PASSWORD token=null secret=<none>',
  'bearer authentication failed',
  'Encoded authorization failure message: see the log',
  'https://orders.example.com:8443/health, ask ops@example.com',
  'smoke-pass: 12, fail: 3',
  'Pass: most, fail: some',
  'if (password == other) …',
  // Errors.
  'Could not load credentials: CredentialsProviderError',
  'authorization: AccessDeniedException',
  'failed to read secret: AccessDenied',
  'my-secret: NotFound',
  'Failed to fetch token: connection refused',
  'Failed to fetch token: ECONNREFUSED 10.0.0.1:443',
  'load secret: context deadline exceeded',
  'secret: permission denied',
  'password: authentication failed',
  'password: login failed',
  'password: user locked',
  'token: validation failed',
  'token: timeout while refreshing',
  'token: quota exceeded',
  'token: 401 Unauthorized',
  'Refresh token: HTTP 401',
  'cannot parse private key: asn1: structure error',
  'invalid API key: key has no access',
  'Authorization: user is not authorised',
  'ORA-01017 invalid credential: logon denied',
  '--password: option is deprecated',
  "Invalid token: expected 'foo'",
  'Unexpected token: COMMA',
  "SyntaxError: Unexpected token: 'export'",
  'Failed to get token: Get "https://sts.amazonaws.com": dial tcp: i/o timeout',
  'oauth2: cannot fetch token: oauth2: server response missing access_token',
  'cannot fetch token: invalid_grant',
  'invalid token: sha256 mismatch',
  'Could not refresh token: 10.20.30.40:8443 is unreachable',
  'could not read secret: open /run/secrets/db: no such file or directory',
  'private key: pkcs8 expected, found pkcs1',
  'error getting credentials: exec: "docker-credential-ecr-login": executable file not found',
  'Error retrieving credentials: Request failed with status code 500',
  'Unexpected token: } in JSON at position 3',
  '{"error":"x","token":"expired","password":"must not be empty"}',
  'password=required token=expired',
  'CSRF token: mismatch',
  'token: ORA-01017',
  'cannot fetch token: status=401 code=E1234',
  'credentials: bob@example.com is not known here',
  'token: 2026-11-26T09:00:00Z is ahead',
  'token: 120000ms without an answer',
  'password: at least 8 characters',
  'password: NotFound',
  'The password is wrong',
  'use the --password option, --token is deprecated',
  'credentials: x509: certificate signed by unknown authority',
  'Bearer token missing',
  'WWW-Authenticate: Bearer realm="example.com", error="invalid_token"',
  // Names of secrets, and of services.
  'Secret: my-secret not found',
  'secret=prod/db/password does not exist',
  'kubernetes secret: payments/tls not found',
  'Secret: orders/db rotation failed',
  'Secret: orders-db-v2 is due for rotation',
  'token: oauth2.example.com does not answer',
  'auth-token: refresh failed',
  'auth-token: crash loop',
  'acme/auth-token:1.2.3 does not start',
  'Error: secret "tls-cert" not found',
  'kube_secret_info{secret_name="payments-tls"} == 0',
  'forgot-password: timeout',
  'compass=north bypass=on',
  // Numbers.
  'Threshold Crossed: 1 datapoint [5.0] was greater than the threshold (3.0) for token: 5.0',
  'token: 42 of 100 used, token=3',
  'pass=12 fail=3',
  // Code.
  'password = os.environ["X"]',
  'const token = getToken()',
  'if (password != "x")',
  'password: {{resolve:secretsmanager:x}}',
  'token = get_token(user, password)',
  "secret = client.get_secret_value(SecretId=name)['SecretString']",
  'token = request.headers.get("Authorization")',
  'api_key = settings.API_KEY',
  'UPDATE users SET password = $1 WHERE id = $2',
  'INSERT INTO users (password) VALUES (?); password = %s',
  // JSON.
  '{"usage":{"prompt_tokens":1200,"total_tokens":1550}}',
  '{"token_bucket":"orders","tokens_left":0,"password_policy":"strict"}',
  '{"errors":{"password":["must contain a digit","is too short"]}}',
  '{"passwordResetRequired":true,"tokenEndpoint":"https://idp.example.com/token","token_class":"AccessToken"}',
  '{"said":"the password ","next":"x"}',
  '{"path":"/reset?token=","status":500,"said":["DB_PASSWORD="]}',
  // Addresses, commands.
  'docker run -d -p 8080:80 nginx',
  'docker login failed: exit status 1, see -p for more',
  'mysql -u root -p -h db -P 3306',
  'Parameter password "is required"',
  "no password 'hash' column in table users, changed password 'last week'",
  "The anomaly was identified by 'orders-db'",
  'journalctl -u mysql -p err; mysqladmin -p status',
  '{"PRIMARY_KEY":"id","S3_KEY":"exports/2026/11/26/orders.csv"}',
  '{"password":["can\'t be blank","doesn\'t match"]}',
  'kube_secret_info{namespace="prod",secret="payments-tls"} == 0, secret=orders-db',
  'token= user=bob',
  'Signature: SHA256withRSA',
  'the option --password, --token or --user',
  'https://wiki.example.com/x/token=abc/page',
  'https://wiki.example.com/display/OPS/Secret:Rotation',
  'https://team-documentation-portal@wiki.example.com/x',
  'https://example.com:8443/x@y',
  'https://sonar.example.com/dashboard?id=com.example:orders@main',
  '{"url":"redis://cache:6379","mail":"ops@example.com"}',
  'docker run -u 1000:1000 app; at -u 10:30',
  'journalctl -u orders.service: failed',
  'aws secretsmanager get-secret-value --secret-id prod/db',
  'cmd --token --verbose --secret $X',
  'Cookie: not set',
  'the prefix ghp_ is missing, the hook hooks.slack.com is down',
]

test('a sentence about a token is unchanged, whatever its words', () => {
  const key = fc.constantFrom('token', 'secret', 'api key', 'credentials', 'authorization', 'my-token')
  const word = fc.oneof(
    fc.stringMatching(/^[a-z]{1,12}$/),
    fc.stringMatching(/^[A-Z][a-z]{1,8}[A-Z][a-z]{1,8}$/),
    // But none that begins as a vendor's tokens do.
    fc.stringMatching(/^[a-z]{2,8}(-[a-z]{2,8}){1,2}-v?\d$/).filter((name) => !/^(?:xox|glpat|sk-)/.test(name)),
    fc.stringMatching(/^(\/[a-z]{1,8}){2,4}$/),
    fc.ipV4(),
    fc.integer().map(String),
  )
  fc.assert(
    fc.property(key, fc.array(word, { minLength: 1, maxLength: 6 }), (key, words) => {
      const text = `orders: ${key}: ${words.join(' ')}`
      expect(withoutSecrets(text)).toBe(text)
    }),
    { numRuns: runs(500) },
  )
})

test.each(ORDINARY)('a text that merely mentions a secret is unchanged: %s', (text) => {
  expect(withoutSecrets(text)).toBe(text)
  for (const carry of TEXTS) expect(JSON.stringify(parse(carry(text)))).not.toContain('(hidden)')
})

test.each(['auth-token: refresh failed', 'kube_secret{secret="payments-tls"}', 'token=orders', 'secret: abc123x'])(
  'a name stays, whatever it looks like: %s',
  (name) => {
    const [alarm] = parse({ AlarmName: name, NewStateValue: 'ALARM', NewStateReason: 'x' })
    expect(alarm).toMatchObject({ name, title: name })
    expect(alarm?.fingerprint).toMatch(name)
    expect(alarm?.fingerprint.endsWith(`:alarm:${name}`)).toBe(true)
    const [event] = parse({ title: 'x', source: 's', id: name, tags: { cause: name } })
    expect(event).toMatchObject({ name, resource: name, fingerprint: `event:s:${name}`, tags: { cause: name } })
    const labels = { alertname: name, cause: name }
    expect(parse({ alerts: [{ status: 'firing', labels }] })[0]).toMatchObject({ name, title: name, tags: labels })
  },
)

test('JSON stays valid, and keeps everything that is not secret', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null))
  const other = fc.stringMatching(/^[a-z ]{0,10}$/)
  const key = fc.constantFrom('token', 'password', 'api_key', 'client-secret', 'STRIPE_KEY', 'pass', 'credentials')
  fc.assert(
    fc.property(key, fc.oneof(value, fc.array(value)), other, fc.nat(), (key, secret, text, number) => {
      const shown = withoutSecrets(
        JSON.stringify({ a: text, in: { [key]: secret, b: number }, c: [text, { d: number }] }),
      )
      const { a, in: inner, c } = JSON.parse(shown)
      expect({ a, b: inner.b, c }).toEqual({ a: text, b: number, c: [text, { d: number }] })
      expect(Object.keys(inner)).toEqual([key, 'b'])
    }),
    { numRuns: runs(1000) },
  )
})

/** No word of a sentence, and nothing that ends a value. */
const SECRET = fc
  .tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9+/_.!~-]{6,38}$/), fc.integer({ min: 10, max: 99 }))
  .map(([text, number]) => `${text}${number}q`)
/** Where nothing but a secret can stand: hidden in names, too. Of which no other text has one by chance. */
const KNOWN_FORMS: ((secret: string) => string)[] = [
  (secret) => `DB_PASSWORD=${secret}`,
  (secret) => `STRIPE_KEY="${secret}"`,
  (secret) => `postgres://app:${encodeURIComponent(secret)}@db/orders`,
  (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  (secret) => `--token ${secret}`,
  (secret) => `curl -u app:${secret}`,
  (secret) => `<password>${secret}</password>`,
  (secret) => `Set-Cookie: a=1; sid=${secret}; Path=/`,
  (secret) => `AccountName=x;AccountKey=${secret};`,
  (secret) => `docker login -u AWS -p ${secret} https://x`,
  (secret) => `jdbc:oracle:thin:app/${secret}@db:1521/orders`,
  (secret) => `https://x.example.com/?a=1&access_token=${encodeURIComponent(secret)}`,
]
const FORMS: ((secret: string) => string)[] = [
  ...KNOWN_FORMS,
  (secret) => `password: ${secret}`,
  (secret) => `Passwd = "${secret}"`,
  (secret) => JSON.stringify({ user: 'app', nested: { api_key: secret } }),
  (secret) => JSON.stringify(JSON.stringify({ token: secret })),
  (secret) => `{'clientSecret': '${secret}'}`,
  (secret) => `AWS_SECRET_ACCESS_KEY=${secret}`,
  (secret) => `Authorization: Bearer ${secret}`,
  (secret) => `-H 'authorization: Basic ${secret}'`,
  (secret) => `a=1&access_token=${secret}&b=2`,
  (secret) => `token: ${secret}`,
  (secret) => `pass="${secret}`,
  (secret) => `headers: {'authorization': ['Bearer ${secret}']}`,
  (secret) => `[token=${secret}], (x)`,
  (secret) => `password := "${secret}"`,
  (secret) => `CREATE USER 'app' IDENTIFIED BY '${secret}'`,
  (secret) => JSON.stringify({ SecretString: secret, ENCRYPTION_KEY: secret }),
  (secret) => JSON.stringify([{ name: 'DB_PASSWORD', value: secret }]),
]

/** Wherever a text from outside may stand. */
const TEXTS: ((text: string) => object | string)[] = [
  (text) => ({ Type: 'Notification', Message: `Deploy failed: ${text}` }),
  (text) => ({ Type: 'Notification', Subject: text, Message: 'Deploy failed' }),
  (text) => ({ Type: 'Notification', Message: JSON.stringify({ job: 'x', error: text, list: ['a', text] }) }),
  (text) => ({
    title: text,
    source: 's',
    description: text,
    details: { cause: text },
  }),
  (text) => ({ title: 'x', severity: text, status: text, source: 's', extra: { deeper: text } }),
  (text) => ({
    ...{ AlarmName: 'orders', AlarmDescription: `severity: ${text}`, NewStateValue: 'ALARM', NewStateReason: text },
  }),
  (text) => ({ AlarmName: 'orders', AlarmDescription: text, NewStateValue: 'ALARM', NewStateReason: 'x' }),
  (text) => ({
    alerts: [{ status: 'firing', labels: { alertname: 'Down' }, annotations: { summary: text, other: text } }],
  }),
  (text) => ({
    ...{ messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: 'g' },
    logEvents: [{ id: '1', message: `ERROR ${text}` }],
  }),
  (text) => ({
    ...{ version: '0', id: 'a', 'detail-type': 'Orders', source: 'shop', account: '1', region: 'eu-west-1' },
    ...{ time: '2026-11-26T09:00:00Z', resources: [], detail: { status: 'FAILED', reason: text, errorMessage: text } },
  }),
]

/** Wherever a name may stand that rules and people look up. */
const NAMES: typeof TEXTS = [
  (text) => ({ title: 'x', source: 's', id: text, tags: { cause: text }, resource: text }),
  (text) => ({ AlarmName: text, NewStateValue: 'ALARM', NewStateReason: 'x', AlarmRule: `ALARM("${text}")` }),
  (text) => ({
    ...{ AlarmName: 'orders', NewStateValue: 'ALARM', NewStateReason: 'x' },
    Trigger: { MetricName: 'Errors', Namespace: 'AWS/Lambda', Dimensions: [{ name: 'Cause', value: text }] },
  }),
  (text) => ({ alerts: [{ status: 'firing', labels: { alertname: text, cause: text } }] }),
]

test('no secret is shown, in any text of any message', () => {
  fc.assert(
    fc.property(
      SECRET,
      fc.constantFrom(...FORMS),
      fc.constantFrom(...TEXTS),
      fc.string(),
      (secret, form, carry, end) => {
        const input = carry(`${form(secret)} ${end}`)
        expectNoSecret(parse(input), [secret, encodeURIComponent(secret)])
      },
    ),
    { numRuns: runs(500) },
  )
})

test('a number after "password" is hidden; a count of tokens or passed tests is not', () => {
  const [alert] = parse({
    Type: 'Notification',
    Message: '{"db_pass":123456,"password":1234,"total_tokens":1550,"pass":1200}',
  })
  expect(alert?.details).toEqual({ db_pass: '(hidden)', password: '(hidden)', total_tokens: '1550', pass: '1200' })
})

test('a list with a secret in it is hidden; a short one is not looked for elsewhere', () => {
  const [alert] = parse({ passwords: ['none', 'hunter2x'], token: 'ab1c5', text: 'lab1c5 x1y2z3', pwd: 'x1y2z3' })
  expect(alert?.details).toEqual({
    ...{ passwords: '(hidden)', token: '(hidden)', text: 'lab1c5 (hidden)', pwd: '(hidden)' },
  })
})

test.each<[string, (secret: string) => unknown]>([
  ['the key ends with what a secret is called', (secret) => ({ SecretString: secret, dbPassword: secret, a: 1 })],
  ['a key only speaks of one', (secret) => ({ passwordOld: secret, tokenOfBob: secret })],
  ['in a list', (secret) => ({ tokens: [secret, 'b'], secrets: { db: secret } })],
  ['a variable', (secret) => ({ env: { ENCRYPTION_KEY: secret, HOME: '/root' } })],
  ['names and values', (secret) => ({ environment: [{ name: 'DB_PASSWORD', value: secret }] })],
  ['headers', (secret) => ({ headers: { 'x-api-key': secret, Cookie: `sid=${secret}` }, session_id: secret })],
])('no secret is shown from any JSON: %s', (_, content) => {
  const Message = JSON.stringify(content('x1y2z3hunter'))
  expectNoSecret(parse({ Type: 'Notification', Message }), ['x1y2z3hunter'])
})

test('what is certainly a secret is hidden in a name', () => {
  fc.assert(
    fc.property(SECRET, fc.constantFrom(...KNOWN_FORMS), fc.constantFrom(...NAMES), (secret, form, carry) => {
      expectNoSecret(parse(carry(form(secret))), [secret, encodeURIComponent(secret)])
    }),
    { numRuns: runs(300) },
  )
})

test('two alerts whose ids differ only in a secret are two', () => {
  const of = (id: string) => parse({ title: 'x', source: 's', id })[0]?.fingerprint ?? ''
  expect(of('DB_TOKEN=hunter2a')).not.toBe(of('DB_TOKEN=hunter2b'))
  expect(of('DB_TOKEN=hunter2a')).toBe(of('DB_TOKEN=hunter2a'))
  expect(of('DB_TOKEN=hunter2a')).not.toContain('hunter2a')
})

test('a link with a password in it is left out', () => {
  const [alert] = parse({ title: 'x', source: 's', runbook: 'https://app:hunter2@wiki.example.com/x' })
  expect(alert?.links.runbook).toBeUndefined()
})

test('a link keeps its parameters except secret ones', () => {
  const [alert] = parse({
    title: 'x',
    source: 's',
    runbook: 'https://wiki.example.com/x?page=1&access_token=abc123def',
  })
  expect(alert?.links.runbook).toBe('https://wiki.example.com/x?page=1&access_token=(hidden)')
})

test('the user data of an API call is hidden', () => {
  const detail = { eventName: 'RunInstances', requestParameters: { userData: 'c2VjcmV0' } }
  const event = { version: '0', id: 'a', 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.ec2', detail }
  const [alert] = parse({ ...event, account: '1', region: 'eu-west-1', time: '2026-11-26T09:00:00Z', resources: [] })
  expectNoSecret(alert, ['c2VjcmV0'])
})
