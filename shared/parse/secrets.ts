/*
 * Secrets in texts from outside: a log line with a password, a connection string, a header. Their values are hidden wherever a
 * text becomes part of an alert. What merely speaks of a secret (`token: expired`) stays. Each pattern takes linear time.
 */

/** Shown in place of a secret's value. */
export const HIDDEN = '(hidden)'

/** A quick look: most texts have nothing of the kind. */
const PERHAPS =
  /passw|passphrase|passcode|[_-]pass\b|pwd|secret|token|(?:api|access|private)[_ -]?key|credential|authori[sz]ation|signature|bearer|:\/\/|PRIVATE KEY/i

const NAME =
  '(?<!\\d:)(?:password|passwd|passphrase|passcode|[_-]pass|pwd|secret|token|(?:api|access|private|secret)[_ -]?key|credentials?|authori[sz]ation|signature)'
/** In quotes, also escaped ones; or up to a space, or to the next pair of a list. */
const VALUE = [
  '\\\\"[^"\\n]{0,1000}"',
  '"(?:[^"\\\\\\n]|\\\\.){0,1000}"',
  "'(?:[^'\\\\\\n]|\\\\.){0,1000}'",
  '["\']?(?:[^\\s"&,;]|&(?![\\w.-]{1,64}=)|[,;](?!\\s|$|["\']?[\\w.-]{1,64}["\']?[=:]))+',
].join('|')
/** `DB_PASSWORD=x`, `"apiKey": "x"`, `Authorization: Bearer x`. */
const NAMED = new RegExp(
  `(${NAME})((?:[\\\\"'\`\\]]{0,4}|[ \\t]is)[ \\t]{0,3})(=>|=(?!=)|[:：](?![:/]))([ \\t]{0,3})((?:Bearer|Basic|Token|Digest|ApiKey)[ \\t]{1,3})?(${VALUE})`,
  'gi',
)
/** `--db-password x`. */
const OPTION = /(--[\w-]{0,40}?(?:password|passwd|token|secret|api-key)[ \t]{1,3})(?!\(hidden\))[^\s-]\S*/gi
const BEARER = /\b(bearer[ \t]{1,3})([\w.~+/=-]{8,})/gi
/** `postgres://user:x@host`: up to the last `@` before a slash. */
const URL_PASSWORD = /(:\/\/[^\s/:@"<>|]{0,200}:)[^\s/"<>|]+@/g
/** `https://x@host`, a token in the place of a user. */
const URL_USER = /(:\/\/)[\w.~+%-]{20,}@/g
const PRIVATE_KEY =
  /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[^-]|-(?!----))*(-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g

/** Values that tell nothing: no value, a place for one, the name of a secret. */
const NO_VALUE =
  /^(?:null|none|nil|undefined|true|false|yes|no|empty|\*+|<[\w -]*>|\$\{?[A-Z_]+\}?|arn:\S*)[.,;)}\]]*$/i
const KEY_ID = /^A[KS]IA[A-Z0-9]{16}[.,;)}\]]*$/
/** How a sentence goes on after a colon: `password: reset required`, `Token: invalid`. */
const SENTENCE =
  /^(?:a|an|and|are|at|by|can|cannot|changed?|could|created|deleted|denied|did|disabled|does|empty|error|expire[ds]?|expiring|expiry|failed|failure|for|forbidden|found|from|has|in|incorrect|invalid|is|length|mismatch|missing|must|not|of|on|only|or|please|refused|rejected|required|reset|revoked|rotate[ds]?|rotation|see|set|should|the|to|too|unauthorized|unknown|unset|updated|used|valid|was|will|with|wrong)[.,;:!?)]*$/i

/** A text with the values of the secrets in it hidden. */
export function withoutSecrets(text: string): string {
  if (!PERHAPS.test(text)) return text
  return withoutUrlSecrets(text)
    .replace(PRIVATE_KEY, (_, begin: string, end = '') => `${begin}${HIDDEN}${end}`)
    .replace(URL_PASSWORD, `$1${HIDDEN}@`)
    .replace(URL_USER, `$1${HIDDEN}@`)
    .replace(NAMED, named)
    .replace(OPTION, `$1${HIDDEN}`)
    .replace(BEARER, (whole, before: string, value: string) => (isToken(value) ? `${before}${HIDDEN}` : whole))
}

/** What `NAMED` has found, part by part. */
function named(
  whole: string,
  name: string,
  close: string,
  sign: string,
  gap: string,
  scheme: string | undefined,
  value: string,
): string {
  const [quote] = /^\\?["']/.exec(value) ?? ['']
  const end = quote !== '' && value.length > quote.length && value.endsWith(quote) ? quote : ''
  const bare = value.slice(quote.length, value.length - end.length)
  if (bare.startsWith(HIDDEN) || isHarmless(name, sign !== '=' && sign !== '=>', bare)) return whole
  return `${name}${close}${sign}${gap}${scheme ?? ''}${quote}${HIDDEN}${end}`
}

function isHarmless(name: string, isColon: boolean, value: string): boolean {
  if (value === '' || NO_VALUE.test(value)) return true
  if (/key$/i.test(name) && KEY_ID.test(value)) return true
  if (/^pwd$/i.test(name) && value.startsWith('/')) return true
  return isColon && (/^(?:signature|.pass)$/i.test(name) || value.length < 3 || SENTENCE.test(value))
}

/** And no word, as in `bearer authentication`. */
function isToken(value: string): boolean {
  return /\d|\w[._~+/]\w|[a-z][A-Z]/.test(value)
}

/**
 * A text with the values of secret-like parameters in its URLs hidden. What only becomes a text of an alert has that done in
 * the end (`withoutSecrets`): this is for what becomes a link too, or is cut before.
 */
export function withoutUrlSecrets(text: string): string {
  if (!text.includes('://')) return text
  return text.replace(
    /([?&](?:[\w-]*token|[\w-]*signature|sig|secret|password|api_?key)=)[^&\s#"'<>]+/gi,
    `$1${HIDDEN}`,
  )
}
