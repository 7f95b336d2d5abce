import { clean } from '../channels/outside-text.ts'
import { withEscapesAside } from '../parse/escapes.ts'
import { HIDDEN } from '../parse/secret-value.ts'
import { withoutSecrets } from '../parse/secrets.ts'
import { withoutUnicodeEscapes, withPercentCodesRead } from './encoded.ts'
import { withoutCardNumbers, withoutIbans } from './numbers.ts'
import { withoutSessions } from './sessions.ts'
import { PERSONAL_KEY, withoutWrapped } from './wrapped.ts'

/*
 * A log line is hostile text, and may hold secrets and people's data. What an alert's texts have hidden
 * (shared/parse/secrets.ts) is hidden here, too, and more of it: a line is written for one reader and shown to many. It stays
 * useful: ids, times, ARNs, paths and stack traces are as they were. Each pattern takes linear time.
 */

/** Longer ones are cut first: a line may have a megabyte. */
const MOST = 10_000
/** An IBAN with its spaces, and some. */
const LONGEST_IN_GROUPS = 60

/** What moves a terminal's cursor or sets its title: `ESC [ 31 m`, `ESC ] 0 ; x BEL`. */
const ESCAPES = /(?:\u001b\[|\u009b)[0-?]{0,40}[ -/]{0,4}[@-~]|\u001b\][^\u0007\u001b]{0,500}(?:\u0007|\u001b\\)/g
/** What nobody sees: it could break up a word that would be found. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu

/** By their form: those whose prefix scanners can find. */
const KEYS =
  /(?<![A-Za-z0-9])(?:A[KS]IA[A-Z0-9]{16}|SG\.[\w-]{16,}\.[\w-]{16,}|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}|pypi-[\w-]{16,}|(?:[rs]k|pk)_(?:test|live)_\w{10,}|whsec_[\w+/=]{16,}|xapp-[\w-]{10,}|ya29\.[\w-]{20,}|SK[a-f0-9]{32}|sq0(?:atp|csp)-[\w-]{20,}|dop_v1_[a-f0-9]{40,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}|glsa_\w{20,}|lin_api_\w{20,}|hf_[A-Za-z0-9]{30,}|NRAK-[A-Z0-9]{20,}|ATATT[\w=-]{20,}|key-[a-f0-9]{32}|dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{20,}|\d{8,10}:AA[\w-]{32,})/g

/** `bob@example.com`, also in a path. Not `git@github.com:`, nor the user in a URL, nor a version (`x@4.17.21.tgz`). */
const EMAIL =
  /(?<![\p{L}\p{N}._+%-]|:\/\/)(?!git@)[\p{L}\p{N}._+'-]{1,64}(?:@|%40)(?!v?\d+\.\d+\.\d)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/giu

/** `+49 170 1234567`: a country's code never begins with 0, as a time zone's offset may. */
const PHONE = /(?<![\w+:.-])\+[1-9][\d ().-]{7,17}\d(?![\w-])/g
const US_SOCIAL_SECURITY = /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])/g

/** What a key says of a person, and the value after it. */
const PERSONAL = new RegExp(
  `(?<![A-Za-z])(${PERSONAL_KEY})(\\\\*["']?[ \\t]{0,3}[:=][ \\t]{0,3})("(?:[^"\\\\\\n]|\\\\.){0,500}"?|\\\\"[^"\\\\\\n]{0,500}(?:\\\\")?|'[^'\\n]{0,500}'?|[^\\s"'\\\\,;&{}[\\]]{1,500})`,
  'gi',
)

/** A run of letters and digits that may be random. */
const RUN = /[A-Za-z0-9+/]{20,}={0,2}/g

/** A text from outside that may be shown: printable, on as many lines as it had. */
export function redacted(text: string): string {
  const read = withoutUnicodeEscapes(text.slice(0, MOST))
  const visible = clean(read.replace(ESCAPES, '').replace(UNSEEN, ''))
  const shown = withPercentCodesRead(hidden(visible), hidden)
  return text.length <= MOST ? shown : withoutItsEnd(shown)
}

/** What was cut off may have been the rest of a secret, by which it is found: what stands before the cut is not shown. */
function withoutItsEnd(text: string): string {
  return text.slice(0, -LONGEST_IN_GROUPS).replace(/[^\s,;&]+$/, '')
}

function hidden(text: string): string {
  return withEscapesAside(withoutSecrets(text), withoutData)
}

function withoutData(text: string): string {
  const withoutPairs = withoutSessions(withoutWrapped(text))
    .replace(KEYS, '[key]')
    .replace(PERSONAL, (_, key: string, sign: string, value: string) => `${key}${sign}${hiddenIn(value)}`)
    .replace(EMAIL, '[email]')
  return withoutCardNumbers(withoutIbans(withoutPairs, '[IBAN]'), '[card number]')
    .replace(PHONE, (one) => (isPhone(one) ? '[phone]' : one))
    .replace(US_SOCIAL_SECURITY, '[social security number]')
    .replace(RUN, (one) => (isRandom(one) ? '[key]' : one))
}

/** With its quotes, so that JSON stays JSON. What says nothing, stays. */
function hiddenIn(value: string): string {
  const [, open = '', inner = '', close = ''] = /^(\\?["']?)(.*?)(\\?["']?)$/s.exec(value) ?? []
  return /^(?:null|none|undefined|true|false|)$/i.test(inner) || inner === HIDDEN ? value : `${open}${HIDDEN}${close}`
}

function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  return digits >= 8 && digits <= 15
}

/** Of each pair of neighbours in a random text, three of five are of two kinds; in `OrdersFunctionV2`, one of three. */
const RANDOM = 0.45

/** A secret access key of AWS's. */
const SECRET_KEY_LENGTH = 40

function isRandom(run: string): boolean {
  if (!/[a-z]/.test(run) || !/[A-Z]/.test(run) || !/\d/.test(run) || /^[a-fA-F0-9]+$/.test(run)) return false
  if (run.length === SECRET_KEY_LENGTH) return true
  const kinds = [...run.replace(/=+$/, '')].map(kindOf)
  const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length
  return changes / (kinds.length - 1) > RANDOM
}

const kindOf = (character: string): string =>
  /[a-z]/.test(character) ? 'a' : /[A-Z]/.test(character) ? 'A' : /\d/.test(character) ? '0' : '+'
