/* The names of secrets, and what follows such a name: a secret, or a state, a number, a name. All take linear time. */

/**
 * The end of a key: `db_password`, `x-api-key`, `SecretString`. But not `bypass`, nor an ARN (`…:111122223333:secret:orders`).
 */
export const SECRET_KEY =
  '(?:pass(?:word|wd|phrase)|(?<!\\d:)secret|token)(?:[ _-]?(?:confirmation|hash|string|value))?|(?<![a-z])(?:pass|pwd?)|(?:api|access|account|private|secret)[ _-]?key|credentials?|authori[sz]ation|signature'

/** Shown in place of a secret's value. */
export const HIDDEN = '(hidden)'

/** Not a value: `null`, `[REDACTED]`, `****` */
const NO_VALUE =
  /^[[(<]?(?:null|none|nil|undefined|true|false|yes|no|latest|redacted|masked|hidden|filtered)\b\W*$|^\W*$/i
/** A placeholder: `<your token>`, `${DB_PASSWORD}`, `$1`, `{{resolve:x}}`; in code: `getToken()`, `settings.X` */
const PLACE =
  /^<[\w -]*>?$|^\$\{?[A-Z_]\w*\}?$|^\$\d\d?$|^%s$|^\{\{|^[a-z_.]+\(\)$|^(?:args|config|process\.env|self|settings|this)\.\w+$/i
/** A call in code, up to its first comma or quote: `os.environ[`, `get_token(user`, `client.get(Id=x)['a']` */
const CALL = /^[a-z]+(?:[_.][a-z]+)+[([][\w=.'()[\]]*$/i
/** `3`, `5.0`, `v1.2.3` */
const SMALL_NUMBER = /^v?\d{1,3}(?:\.\d+)*$/
/** The name of a secret, or of a key: `arn:aws:secretsmanager:…`, `AKIAIOSFODNN7EXAMPLE` */
const AWS_NAME = /^(?:arn:\S+|A[KS]IA[A-Z0-9]{16})$/
/** A state: `expired`, `must not be empty`. Only letters follow: a password that begins like this has other characters. */
const STATE =
  /^(?:authentication|can't|cannot|changed|denied|deprecated|disabled|doesn't|down|empty|error|expected|expired|expiring|failed|failure|forbidden|has|incorrect|invalid|is|length|mismatch|missing|must|not|ok|please|refused|rejected|required|reset|revoked|rotated|rotation|should|timeout|too|unauthori[sz]ed|unhealthy|unknown|unset|updated|valid|was|wrong)\b[A-Za-z',.!? -]*$/i
/** `2026-11-26T09:00:00Z`, `120000ms` */
const TIME = /^\d{4}-?\d\d-?\d\dT|^\d+[a-z]{1,3}$/
/** `sha256`, `SHA256withRSA`, `pkcs12`, `HTTP401` */
const STANDARD = /^(?:sha|aes|rsa|ed|pkcs|base|oauth|http)-?\d+(?:with(?:rsa|ecdsa))?$/i
/** One part of a name: `Orders`, `ordersDb2`, `TLS`, `v2`, `01017` */
const NAME_PART = /^(?:[A-Z]?[a-z]*(?:[A-Z][a-z]+)*|[A-Z]+)\d{0,5}$/

/** Is a value not secret? */
export function saysNothing(value: string): boolean {
  return [NO_VALUE, PLACE, CALL, SMALL_NUMBER, AWS_NAME, STATE].some((form) => form.test(value))
}

/** `prod/db/password`, `/run/secrets/db`; but not random letters with a slash among them. */
export function isPath(value: string): boolean {
  return value.includes('/') && !value.includes('://') && isName(value.replace(/^~/, ''))
}

/** Not a word of a sentence: letters mixed with digits or symbols, but not a name, time or standard. */
export function looksSecret(word: string): boolean {
  if (word.length < 6 || !/[A-Za-z]/.test(word) || !/[\d!#$%^&+~=]/.test(word)) return false
  return !TIME.test(word) && !STANDARD.test(word) && !isName(word)
}

/** `orders-db-v2`, `oauth2.example.com`, `ORA-01017`, `status=401` */
export function isName(word: string): boolean {
  const parts = word.split(/[-_.:/@=]/)
  return parts.length > 1 && parts.every((part) => NAME_PART.test(part))
}
