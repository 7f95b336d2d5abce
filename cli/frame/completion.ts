import { flagsOf, GENERAL } from './help.ts'
import type { Option, Spec } from './spec.ts'

/*
 * Scripts that let a shell complete alert-router. They contain every completion, so Tab starts no process. Options
 * are completed after a dash, files where a path is expected.
 */

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const SCRIPTS: Record<Shell, (specs: readonly Spec[]) => string[]> = { bash, zsh, fish }

export function completionFor(shell: Shell, specs: readonly Spec[]): string {
  return `${[`# Completion of alert-router for ${shell}.`, ALIAS, ...SCRIPTS[shell](specs)].join('\n')}\n`
}

/** If alert-router is only a dependency, its folder is not in PATH. All three shells understand this line. */
const ALIAS = "type alert-router >/dev/null 2>&1 || alias alert-router='npx --no alert-router'"

/** The words that can follow these: the commands of `rules`, or the top level. */
function nextWords(specs: readonly Spec[], before: string): { word: string; what: string }[] {
  const next = new Map<string, string>()
  for (const { name, summary } of specs) {
    if (before !== '' && !name.startsWith(`${before} `)) continue
    const [word = '', ...more] = name.slice(before === '' ? 0 : before.length + 1).split(' ')
    const known = next.get(word)
    next.set(word, more.length === 0 ? summary : [...(known ? [known] : []), ...more].join(', '))
  }
  if (before === '') next.set('help', 'show the usage of a command')
  return [...next].map(([word, what]) => ({ word, what }))
}

/** `rules`, `dead-letters`: the first word of several commands. */
function families(specs: readonly Spec[]): string[] {
  return [...new Set(specs.flatMap(({ name }) => name.split(' ').slice(0, -1)))]
}

/** Every option of a command with its flags, in the order of its help. */
function optionsOf({ options }: Spec): { flags: string[]; option: Option }[] {
  return Object.entries({ ...options, ...GENERAL }).map(([name, option]) => ({
    flags: flagsOf(name, { what: '' }).split(', '),
    option,
  }))
}

function wantsFiles({ args = [] }: Spec): boolean {
  return args.some(({ kind }) => kind === 'path')
}

/** In single quotes, for bash and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function bash(specs: readonly Spec[]): string[] {
  const groups = families(specs)
  const known = [
    ...groups.map((name) => ` ${name}`),
    ...specs.map(({ name }) => (name.includes(' ') ? name : ` ${name}`)),
  ]
  const words = (before: string) => nextWords(specs, before).map(({ word }) => word)
  return [
    '_alert_router() {',
    '  local cur=$' + '{COMP_WORDS[COMP_CWORD]} prev=$' + '{COMP_WORDS[COMP_CWORD-1]} command="" i',
    '  COMPREPLY=()',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    case "$command $' + '{COMP_WORDS[i]}" in',
    `      ${known.map(quoted).join('|')})`,
    '        command="$' + '{command:+$command }$' + '{COMP_WORDS[i]}" ;;',
    '    esac',
    '  done',
    '  case "$command" in',
    ...['', ...groups].map((name) => `    ${quoted(name)}) ${bashReply(words(name))} ;;`),
    ...specs.flatMap(bashCase),
    '  esac',
    '}',
    'complete -F _alert_router alert-router',
  ]
}

function bashCase(spec: Spec): string[] {
  const options = optionsOf(spec)
  const ofKind = (isPath: boolean) =>
    options.flatMap(({ flags, option }) =>
      option.value !== undefined && (option.kind === 'path') === isPath ? flags : [],
    )
  const files = 'COMPREPLY=($(compgen -f -- "$cur"))'
  const [paths, others] = [ofKind(true), ofKind(false)]
  const rest = wantsFiles(spec) ? ` else ${files};` : ''
  return [
    `    ${quoted(spec.name)})`,
    '      case "$prev" in',
    ...(paths.length > 0 ? [`        ${paths.join('|')}) ${files} ;;`] : []),
    ...(others.length > 0 ? [`        ${others.join('|')}) ;;`] : []),
    `        *) if [[ $cur == -* ]]; then ${bashReply(options.flatMap(({ flags }) => flags))};${rest} fi ;;`,
    '      esac ;;',
  ]
}

function bashReply(words: string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`
}

function zsh(specs: readonly Spec[]): string[] {
  const list = (before: string) => nextWords(specs, before).map(({ word, what }) => quoted(`${word}:${what}`))
  const groups = families(specs)
  return [
    '_alert_router() {',
    '  local -a commands',
    '  [[ $words[2] == help ]] && { shift words; (( CURRENT-- )) }',
    '  local command="$words[2]" at=2',
    `  [[ $command == (${groups.join('|')}) ]] && { command="$command $words[3]"; at=3 }`,
    '  if (( CURRENT <= at )); then',
    '    case "$words[2]:$CURRENT" in',
    ...groups.map((name) => `      ${name}:3) commands=(${list(name).join(' ')}) ;;`),
    `      *) commands=(${list('').join(' ')}) ;;`,
    '    esac',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  words=("$command" "$' + '{(@)words[at+1,-1]}")',
    '  (( CURRENT -= at - 1 ))',
    '  case "$command" in',
    ...specs.flatMap(zshCase),
    '  esac',
    '}',
    '(( $' + '{+functions[compdef]} )) || { autoload -Uz compinit && compinit }',
    'compdef _alert_router alert-router',
  ]
}

function zshCase(spec: Spec): string[] {
  const options = optionsOf(spec).flatMap(({ flags, option: { what, value, kind, many } }) => {
    // Brackets and colons have a meaning of their own in zsh.
    const said = what.replace(/[[\]:\\]/g, '\\$&')
    const wanted = value === undefined ? '' : `:${value.replaceAll(':', ' ')}:${kind === 'path' ? '_files' : ' '}`
    return flags.map((flag) => quoted(`${many ? '*' : ''}${flag}[${said}]${wanted}`))
  })
  const rest = wantsFiles(spec) ? [quoted('*:file:_files')] : []
  return [`    ${quoted(spec.name)}) _arguments \\`, `      ${[...options, ...rest].join(' \\\n      ')} ;;`]
}

function fish(specs: readonly Spec[]): string[] {
  return [
    'function __alert_router_at --description "The words so far, without options, are these"',
    '  set -l words (commandline -opc)',
    '  set -e words[1]',
    "  set -l rest (string match --invert --regex '^(-.*|help)$' -- $words)",
    '  test "$rest" = "$argv"',
    'end',
    'function __alert_router_in --description "The words so far begin with these"',
    '  set -l words (commandline -opc)',
    '  set -e words[1]',
    '  test "$words[1..' + '$(count $argv)]' + '" = "$argv"',
    'end',
    'complete -c alert-router -f',
    ...['', ...families(specs)].flatMap((before) =>
      nextWords(specs, before).map(
        ({ word, what }) =>
          `complete -c alert-router -n ${fishQuoted(`__alert_router_at ${before}`.trimEnd())} -a ${word} -d ${fishQuoted(what)}`,
      ),
    ),
    ...specs.flatMap(fishLines),
  ]
}

function fishLines(spec: Spec): string[] {
  const here = `complete -c alert-router -n ${fishQuoted(`__alert_router_in ${spec.name}`)}`
  const options = optionsOf(spec).flatMap(({ flags, option: { what, value, kind } }) => {
    const wanted = value === undefined ? '' : kind === 'path' ? ' -r -F' : ' -x'
    return flags.map(
      (flag) =>
        `${here} ${flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`}${wanted} -d ${fishQuoted(what)}`,
    )
  })
  return wantsFiles(spec) ? [...options, `${here} -F`] : options
}

function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
