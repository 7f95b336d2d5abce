import { withEscapesAside } from './escapes.ts'
import { mayHaveSecret, withoutKnownForms } from './known-secrets.ts'
import { HIDDEN, isName, isPath, looksSecret, SECRET_KEY, saysNothing } from './secret-value.ts'

/*
 * Hides secrets in texts from outside: a log line with a password, a connection string, a header. A doubtful sentence
 * (`token: refresh failed`) is left unchanged; the value of a doubtful pair (`token=refresh`) is hidden. Each pattern takes
 * linear time.
 */

const VALUE = [
  // \"x\" of JSON in JSON, "x", 'x'; if its end is cut off, up to the end of the line, or of the quoted text around it
  '\\\\+"[^"\\n]*"?',
  '"(?:[^"\\\\\\n]|\\\\.)*"?',
  "'(?:[^'\\\\\\n]|\\\\.)*'",
  "'[^'\"\\n]*",
  // x up to a space, or to the next item of a list: `x&user=app`, `x, y`, `x;Encrypt=true`
  '(?:[^\\s"&,;]|[&,;](?![\\w.-]{0,64}[=:]|["\'\\s[({]|$))+',
].join('|')
/** `"…?token=","next":"x"`: the quoted text ends without a value. */
const END = '\\\\*"[,:}\\]]'
/**
 * `DB_PASSWORD=x`, `"apiKey": "x"`, `token: x`, `The password is: x`, `Authorization: Token x`, `"token":["x"`,
 * `"name":"DB_PASSWORD","value":"x"`
 */
const PAIR = new RegExp(
  `(${SECRET_KEY})((?:[\\\\"'\`\\]]{0,9}(?:[\\s,]{1,20}[\\\\"']{0,9}value[\\\\"']{0,9})?| is)[ \\t]{0,3})(=>|:=|=(?!=|${END})|:(?![:/]))((?:[ \\t]{1,3}(?![a-z_.-]{1,64}=[^\\s=]))?\\[{0,9}(?:(?:Bearer|Basic|Token|ApiKey)[ \\t]{1,3})?)(${VALUE})`,
  'gi',
)
/** `IDENTIFIED BY 'x'`, `with password "x1y2z3"`, `The password is x1y2z3`; a quote may be the end of the text before it */
const SPOKEN =
  /\b((?:password|passwd|identified by)(?:[ \t]is)?[ \t])((\\*["'])[^\s"'\\,:;)}\]][^"'\\\n]*|[^\s"'\\=:]+(?![\w"'\\=:]))/gi
/**
 * A variable: `STRIPE_KEY=x`, `"STRIPE_KEY":"x"`. In capitals: `token="x"` may be a label of PromQL. Azure's `AccountKey=x`.
 */
const VARIABLE = new RegExp(
  `(?<![A-Za-z0-9_])((?:[A-Z][A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|_PASS|_PWD|_SECRET|_TOKEN|_AUTH|_KEY|_KEY_BASE)|(?:Account|SharedAccess)Key)(?:=(?!${END})|[\\\\"']{1,9}:[ \\t]{0,3}(?=[\\\\"'])))(${VALUE})`,
  'g',
)
/** `Bearer x`, `Basic x`; but not words, as in `bearer authentication`, `Basic support` */
const SCHEME = /\b(bearer[ \t]{1,3}|basic[ \t]{1,3}(?=[\w+/]+=*(?![\w.-])))([\w.~+/=-]{8,})/gi
const TOKEN = /\d|\w[._~+/]\w|[a-z][A-Z]/
/** After a value: the end of its line, or the next pair (`, user: app`) */
const LAST = /^["'`)\]}>.,;!?\\]*[ \t]*(?:\r?\n|$)|^[,;][ \t]*[\w.-]{1,40}[=:]/

/** Hides the values of the secrets in a text. */
export function withoutSecrets(text: string): string {
  if (!mayHaveSecret(text)) return text
  return withEscapesAside(text, withoutMarkedSecrets)
}

function withoutMarkedSecrets(text: string): string {
  return outsideUrls(withoutKnownMarked(text), (prose) =>
    prose
      .replace(SCHEME, (whole, scheme: string, value: string) => (TOKEN.test(value) ? `${scheme}${HIDDEN}` : whole))
      .replace(PAIR, pair)
      .replace(SPOKEN, (whole, start: string, value: string, quote?: string) =>
        isSql(start, quote) || looksSecret(value.slice(quote?.length)) ? start + hidden(value) : whole,
      ),
  )
}

/**
 * For a name or a label, which rules and people look up: hides only what is certainly a secret, such as `ghp_…`, a password
 * in a URL, `DB_PASSWORD=…`.
 */
export function withoutKnownSecrets(text: string): string {
  return mayHaveSecret(text) ? withEscapesAside(text, withoutKnownMarked) : text
}

function withoutKnownMarked(text: string): string {
  return withoutKnownForms(text).replace(VARIABLE, (whole, key: string, value: string) =>
    // In JSON it may be the name of a table's key column.
    key.endsWith('=') || looksSecret(value.slice(...bounds(value))) ? key + hidden(value) : whole,
  )
}

/** Secrets in URLs are recognised by their form. The rest of a URL stays, so that it finds its page: `https://wiki/token=a`. */
function outsideUrls(text: string, change: (prose: string) => string): string {
  const parts = text.split(/(https?:\/\/[^\s"'<>`|\\]+)/i)
  return parts.map((part, index) => (index % 2 === 0 ? change(part) : part)).join('')
}

/** `WITH PASSWORD 'x'`; in a sentence, `password 'x'` may be a column's name. */
function isSql(start: string, quote: string | undefined): boolean {
  return quote !== undefined && /^[A-Z \t]+$/.test(start)
}

/** The parts of a match of `PAIR`. */
function pair(whole: string, ...found: [...string[], number, string]): string {
  const [key, close, sign, gap, value, offset, text] = found as [string, string, string, string, string, number, string]
  const start = key + close + sign + gap
  const [quote] = /\\*["']$/.exec(close.trim()) ?? []
  if (sign === ':' && quote) return start + inJson(value, quote)
  if (sign === ':' && gap !== '' && !isSaid(key, value, text.slice(offset + whole.length))) return whole
  return isName(value.slice(...bounds(value))) && namesSecret(key, text.charAt(offset - 1))
    ? whole
    : start + hidden(value)
}

/** In Kubernetes's metrics, `secret` is a secret's name: `kube_secret_info{secret="orders-tls"}`. */
function namesSecret(key: string, before: string): boolean {
  return key === 'secret' && !/[\w-]/.test(before)
}

/** In a sentence: `token: abc123x`, `password: hunter` at its end; not `token: 401 Unauthorized`, `password: AccessDenied` */
function isSaid(key: string, value: string, after: string): boolean {
  const [from, to] = bounds(value)
  const word = value.slice(from, to)
  if (looksSecret(word)) return !value.endsWith(':')
  return (
    /^(?:pass(?:word|wd|phrase)|pwd)$/i.test(key) &&
    LAST.test(after.slice(0, 80)) &&
    !/^[A-Z][a-z]+(?:[A-Z][a-z]+)+$/.test(word)
  )
}

/** A hidden number becomes a quoted text, so that JSON stays valid. */
function inJson(value: string, quote: string): string {
  if (/^\\*["']/.test(value)) return hidden(value)
  const [bare = ''] = value.split(/[,}\]]/, 1)
  return saysNothing(bare) ? value : `${quote}${HIDDEN}${quote}${value.slice(bare.length)}`
}

/** Keeps the quotes and brackets around it. */
function hidden(value: string): string {
  const [from, to] = bounds(value)
  const secret = value.slice(from, to)
  return [value, secret].some(saysNothing) || isPath(secret) ? value : value.slice(0, from) + HIDDEN + value.slice(to)
}

/** Where a value begins and ends, without its quotes, brackets and full stops. */
function bounds(value: string): [from: number, to: number] {
  const [quote] = /^\\*["']/.exec(value) ?? []
  if (quote !== undefined) {
    const isClosed = value.length > quote.length && value.endsWith(quote)
    return [quote.length, value.length - (isClosed ? quote.length : 0)]
  }
  let to = value.length
  while (to > 0 && (value.startsWith('{') ? '.,;:' : '\'"`\\.,;:)]}>').includes(value.charAt(to - 1))) to--
  return [0, to]
}
