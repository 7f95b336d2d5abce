import { HIDDEN, SECRET_KEY, saysNothing } from '../parse/secret-value.ts'

/*
 * Secrets that only a log line has: lists of headers, tuples, forms, sessions and one-time codes. An alert's texts are names
 * and sentences, where `session: closed` and `pin: 7` are words. Each pattern takes linear time.
 */

const QUOTE = '\\\\{0,4}["\']'
/** `'Cookie', 'sid=x'`, `["Authorization","Basic x"]`: a list of headers, whose names are the even items. */
const HEADER = new RegExp(
  `(${QUOTE}(?:set-cookie|cookie|(?:proxy-)?authorization|x-(?:api-key|auth-token|session-id|amz-security-token|csrf-token))${QUOTE},\\s{0,3}${QUOTE})([^"'\\\\\\n]{1,4000})`,
  'gi',
)
/** `('password', 'x')`: not `["password", "email"]`, which may be names of fields. */
const TUPLE = new RegExp(
  `(\\(${QUOTE}[\\w.-]{0,40}(?:${SECRET_KEY})${QUOTE},\\s{0,3}[bu]?${QUOTE})([^"'\\\\\\n]{1,4000})(?=${QUOTE}\\))`,
  'gi',
)
/** `name="password"`, a blank line, and its value: a part of a form. */
const PART = new RegExp(
  `(name=${QUOTE}[\\w.-]{0,40}(?:${SECRET_KEY})${QUOTE}(?:\\s|[\\ufdd0\\ufdd1]){2,8})([^\\s\\ufdd0\\ufdd1"\\\\]{1,4000})`,
  'gi',
)
/** `JSESSIONID=x`, `"sessionId":"x"`; and `sid`, `session` where `=` or JSON says that it is a pair. */
const SESSION =
  /((?<![A-Za-z0-9])(?:(?:JSESSIONID|PHPSESSID|ASP\.NET_SessionId|connect\.sid|(?:x[-_])?session[-_]?(?:id|key|cookie))(?:\\{0,4}["'])?[ \t]{0,3}[:=][ \t]{0,3}(?:\\{0,4}["'])?|(?:sid|session)(?:=(?:\\{0,4}["'])?|\\{0,4}["'][ \t]{0,3}:[ \t]{0,3}\\{0,4}["'])))([^\s"'\\,;&{}[\]()<>\ufdd0-\ufdd4]{1,4000})/gi
/** `otp=123456`, `"pin":1234`, `verification code: 123456`: digits. */
const CODE =
  /((?<![A-Za-z0-9])(?:t?otp|pin|(?:one[-_ ]?time|mfa|2fa|sms|pin|verification|security|auth)[-_ ]?(?:code|pin))(?:\\{0,4}["'])?[ \t]{0,3}[:=][ \t]{0,3})((?:\\{0,4}["'])?)(\d{3,10})((?:\\{0,4}["'])?)(?![\w.])/gi
/** PagerDuty's keys have 32 letters and digits; RabbitMQ's routing keys are names. */
const ROUTING_KEY =
  /((?:routing|integration|service)_?key(?:\\{0,4}["'])?[ \t]{0,3}[:=][ \t]{0,3}(?:\\{0,4}["'])?)[A-Za-z0-9]{32}(?![A-Za-z0-9])/gi

const PAIRS = [HEADER, TUPLE, PART, SESSION]

/** Hides what pairs without `:` or `=` hold, sessions and codes. */
export function withoutSessions(text: string): string {
  const shown = PAIRS.reduce(
    (all, form) =>
      all.replace(form, (whole, start: string, value: string) => (saysNothing(value) ? whole : start + HIDDEN)),
    text,
  )
  return shown.replace(ROUTING_KEY, `$1${HIDDEN}`).replace(CODE, (_, key: string, open: string, __, close: string) => {
    const quote = /["'][ \t]*[:=]/.test(key) && open === '' ? '"' : ''
    return `${key}${quote}${open}${HIDDEN}${close}${quote}`
  })
}
