import { HIDDEN } from './secret-value.ts'

/* Secrets that are recognised by their form alone. Each pattern takes linear time. */

/** In URLs. */
const IN_URLS: [RegExp, string][] = [
  // https://x/?a=1&access_token=abc
  [
    /([?&#](?:[\w.-]{0,60}(?:token|signature|secret|password|credential|api_?key|access_?key)|sig|pwd|pass)=)[^&\s#"'<>\\()[\]{}]+/gi,
    `$1${HIDDEN}`,
  ],
  // https://hooks.slack.com/services/T0/B0/abc
  [/(hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g, `$1${HIDDEN}`],
  // https://discord.com/api/webhooks/1/abc, https://x.webhook.office.com/webhookb2/abc, https://api.telegram.org/bot1:abc/
  [
    /(discord(?:app)?\.com\/api\/webhooks\/|\.office(?:365)?\.com\/webhook(?:b2)?\/|api\.telegram\.org\/bot)[\w/:@%-]+/g,
    `$1${HIDDEN}`,
  ],
  // postgres://user:abc@host: up to the last `@` before a slash
  [/(:\/\/[^\s/:@"<>|]{0,200}:)[^\s/"'<>|]+@/g, `$1${HIDDEN}@`],
  // postgres://user:a/bc@host: not a port
  [/(:\/\/[^\s/:@"'<>|,]{1,200}:)(?!\d{1,5}\/)[^\s"'<>|@,]{1,200}@(?=[\w.-])/g, `$1${HIDDEN}@`],
  // https://0123456789abcdef0123@host, a token in place of a user: with digits in it, and longer than a name
  [/(:\/\/)(?=[\w.~+%-]{0,200}?\d)[\w.~+%-]{20,200}@/g, `$1${HIDDEN}@`],
]

const ANYWHERE: [RegExp, string][] = [
  // -----BEGIN PRIVATE KEY-----…: up to its end, or if it was cut off, to the end of the quoted text around it
  [
    /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[^-"\\]|\\(?!")|-(?!----))*(-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
    `$1${HIDDEN}$2`,
  ],
  // JSON Web Tokens: eyJabc.def.ghi
  [/(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*/g, HIDDEN],
  // GitHub, GitLab, Slack, Stripe, npm, Docker, Vault, Google, OpenAI and Anthropic use prefixes that scanners can find
  [
    /(?<![\w-])(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|[rs]k_live_\w{10,}|npm_\w{36}|dckr_pat_[\w-]{20,}|hv[bs]\.[\w-]{20,}|AIza[\w-]{35}|sk-(?:ant|proj|svcacct)-[\w-]{20,})/g,
    HIDDEN,
  ],
  // mysql --password abc, ['--password', 'abc']; not a sentence about the option: `--token is deprecated`
  [
    /(--[\w-]{0,40}?(?:pass(?:word|wd)?|token|secret|api-key)(?:["'],[ \t]{0,3}["']|[ \t]{1,3}["']?))(?![-$(,:}\]]|(?:and|argument|cannot|flag|for|in|is|must|not|option|or|to|was)[.,:;]?(?!\S))[^\s"']+/gi,
    `$1${HIDDEN}`,
  ],
  // curl -u user:abc; not two numbers, which are a time or ids
  [/((?:^|[\s\ufdd0-\ufdd4])(?:-u|--user)[ =]["']?[a-z][^\s:"']{0,100}:)[^\s"'/][^\s"']*/gi, `$1${HIDDEN}`],
  // mysql -pabc, docker login -u AWS -p abc, redis-cli -a abc
  [
    /(\b(?:mysql\w{0,20}\b[^\n,'"|;&]{0,100}?[ \t]-p|(?:(?:sshpass|(?:docker|podman) login)\b[^\n,'"|;&]{0,100}?[ \t]-p|redis-cli\b[^\n,'"|;&]{0,100}?[ \t]-a)(?:[ \t]{1,3}["']?)?))[^\s"'\\$,:}\]-][^\s"'\\]*/g,
    `$1${HIDDEN}`,
  ],
  // jdbc:oracle:thin:user/abc@db
  [/(jdbc:oracle:\w{1,10}:[^\s/@"']{1,100}\/)[^\s@"']+@/g, `$1${HIDDEN}@`],
  // <password>abc</password>, <entry key="password">abc</entry>, <SecretAccessKey>abc</SecretAccessKey>
  [
    /((?:password|passwd|secret|token|(?:api|access|account|private|secret)[_-]?key)["']?>)[^<>"\n]+(?=<\/)/gi,
    `$1${HIDDEN}`,
  ],
  // Cookie: sid=abc; theme=dark
  [
    /(\b(?:set-)?cookie\\{0,3}["']?[ \t]{0,3}[:=][ \t]{0,3}["'[\\]{0,4})[\w.$-]+=[^\s;,"'\\\]]*(?:;[ \t]?[\w.$-]+(?:=[^\s;,"'\\\]]*)?)*/gi,
    `$1${HIDDEN}`,
  ],
]

/** Something that every pattern here and in `secrets.ts` needs. Most texts have none of these and are not searched further. */
const PERHAPS =
  /pass|pwd?|secret|token|key|credential|authori[sz]|_auth|signature|bearer|basic|identified|cookie|:\/\/|hooks\.slack|-u[ =]|--user|mysql|docker|podman|redis-cli|jdbc|eyJ|gh[pousr]_|github_pat_|glpat-|xox|_live_|npm_|dckr_|hv[bs]\.|AIza|sk-/i

/** May a text contain a secret? Quick. */
export function mayHaveSecret(text: string): boolean {
  return PERHAPS.test(text)
}

/** Hides the secrets in a text that are recognised by their form. */
export function withoutKnownForms(text: string): string {
  return ANYWHERE.reduce((shown, [form, instead]) => shown.replace(form, instead), withoutUrlSecrets(text))
}

/**
 * Hides passwords, tokens and the values of secret-like parameters in a text's URLs. An alert's texts have this done at the
 * end (`withoutSecrets`): this is for texts that also become a link, or are cut before that.
 */
export function withoutUrlSecrets(text: string): string {
  if (!text.includes('://') && !text.includes('hooks.slack')) return text
  return IN_URLS.reduce((shown, [form, instead]) => shown.replace(form, instead), text)
}
