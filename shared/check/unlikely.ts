import { type Condition, type Config, fieldsOf } from '../../schemas/config.ts'
import { readText } from '../conditions/text.ts'
import { patternTexts } from '../decide/pattern.ts'
import { isRegion, nearestRegion } from '../parse/region.ts'
import { inAwsCase } from './aws-names.ts'
import type { Finding } from './finding.ts'
import { type Line, linesIn, linesOf, writtenIn } from './lines.ts'

/** A value that is probably a mistake, and how to write it. */
type Doubt = Pick<Finding, 'code' | 'message' | 'fix'>

/** Valid patterns that probably do not match what was intended: mistakes that cause no error. */
export function unlikelyPatterns(config: Config): Finding[] {
  const lines = linesOf(config)
  const found = lines.flatMap((line) =>
    writtenIn(line, config.sets).flatMap(({ text, path }): Finding[] => {
      const doubt = doubtOf(text, line)
      return doubt ? [{ ...doubt, path }] : []
    }),
  )
  // A set's values are checked at each use of the set.
  const seen = new Set<string>()
  return [...found, ...accountsOnBothSides(config)].filter(({ path, message }) => {
    const key = JSON.stringify([path, message])
    return !seen.has(key) && seen.add(key)
  })
}

function doubtOf(text: string, line: Line): Doubt | undefined {
  const { form } = readText(text)
  if (form !== 'exact' && form !== 'glob') return undefined
  return (
    quotesIn(text) ??
    blanksIn(text) ??
    likeARegex(text, form, line) ??
    (form === 'exact' ? hasNoSuchValue(text, line) : undefined)
  )
}

const doubt = (message: string, fix: string): Doubt => ({ code: 'unlikely-value', message, fix })

const TYPOGRAPHIC = /[“”„‟«»‘’‚‹›]/g

/** Quotes that YAML does not treat as quotes, from a word processor or a chat; or one pair too many. */
function quotesIn(text: string): Doubt | undefined {
  const ends = `${text.at(0)}${text.at(-1)}`
  const isAround =
    text.length > 2 && (/^[“”„‟«»‘’‚‹›]{2}$/.test(ends) || (/^(""|''|``)$/.test(ends) && !/\s/.test(text)))
  const isLost = text.match(TYPOGRAPHIC)?.length === 1 && ends.match(/^[“„‟«‚‹‘]|[”»›]$/) !== null
  if (!isAround && !isLost) return undefined
  const meant = text.replace(/^[“”„‟«»‘’‚‹›"'`]+|[“”„‟«»‘’‚‹›"'`]+$/g, '')
  return doubt(
    `the quotes in ${text} are part of the value: no alert contains them`,
    `Write it in straight quotes, once: "${meant}"`,
  )
}

/** Alerts have no such blanks: their texts are cleaned. */
function blanksIn(text: string): Doubt | undefined {
  const [hidden] = text.match(/[\u00a0\u200b-\u200d\u2060\ufeff]/) ?? []
  if (hidden !== undefined) {
    const code = `U+${hidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
    return doubt(`"${text}" contains an invisible character (${code})`, 'Retype it by hand')
  }
  if (text === text.trim() || text.trim() === '') return undefined
  return doubt(`"${text}" starts or ends with a blank, which no alert's text does`, `Write "${text.trim()}"`)
}

/** Fields whose text often just looks like a regular expression. */
const FREE = /^(expression|alarmRule|description|reason)$/
/**
 * Fields whose values contain full stops, like versions and addresses: `aws.guardduty`, `CryptoCurrency:EC2/BitcoinTool.B`.
 */
const DOTTED = /^(source|details\..*|links\..*)$/

function likeARegex(text: string, form: 'exact' | 'glob', { field }: Line): Doubt | undefined {
  if (FREE.test(field)) return undefined
  const isOne =
    /^\^|(?<![\s$\d]|\bUS)\$$|\w\|\w|\)\||\|\(|\[[^\]]*(?:[Aa]-[ZzFf]|[01]-\d)[^\]]*\][*+?{]|\\[dwsbDWSB](?![A-Za-z])|\\[.+?()[\]|]|\.\+/.test(
      text,
    ) ||
    (!DOTTED.test(field) && /(^|[^*\d])\.\*/.test(text) && !/\w\.\w/.test(text))
  if (!isOne) return undefined
  return {
    code: 'regex-like-text',
    message: `"${text}" looks like a regular expression, but is read as ${form === 'glob' ? 'a glob' : 'a literal value'}`,
    // What starts a glob can't start a regular expression.
    fix: `Write a regular expression as '/${text.replace(/^\*/, '.*')}/'${otherwise(text)}`,
  }
}

/** The same without a regular expression, if it is simple. */
function otherwise(text: string): string {
  const parts = text.split('|').map(asGlob)
  if (!parts.every((part) => /^[\w\-/: *]+$/.test(part))) return ''
  return parts.length > 1 ? `, as a list [${parts.map(inQuotes).join(', ')}]` : `, as a glob "${parts[0]}"`
}

function asGlob(regex: string): string {
  const glob = regex.replace(/^\^|\$$/g, '').replaceAll('.*', '*')
  if (regex.startsWith('^') && !regex.endsWith('$')) return glob.replace(/\*?$/, '*')
  return regex.endsWith('$') && !regex.startsWith('^') ? glob.replace(/^\*?/, '*') : glob
}

function inQuotes(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text}"`
}

function hasNoSuchValue(text: string, line: Line): Doubt | undefined {
  if (line.field === 'account') return noAccount(text)
  if (line.field === 'region') return noRegion(text)
  return inAnotherCase(text, line)
}

/** Alerts of our own events may contain any account. */
function noAccount(text: string): Doubt | undefined {
  if (/^\d{12}$/.test(text)) return undefined
  const digits = text.replace(/\D/g, '')
  const meant = digits.length === 12 ? `"${digits}"` : 'its id, as in "111122223333"'
  return doubt(`"${text}" is not an AWS account id: 12 digits without separators`, `Write ${meant}`)
}

function noRegion(text: string): Doubt | undefined {
  if (isRegion(text)) return undefined
  const nearest = nearestRegion(text)
  return doubt(`"${text}" is not an AWS region`, nearest ? `Write ${nearest}` : 'Write its code, as in eu-west-1')
}

function inAnotherCase(text: string, { field, condition }: Line): Doubt | undefined {
  if (field !== 'namespace' && !(field === 'metric' && isOfAws(condition))) return undefined
  const known = inAwsCase(field, text)
  if (known === undefined) return undefined
  return doubt(`"${text}" differs in case from AWS's name, and patterns are case-sensitive`, `Write ${known}`)
}

/** Whether it names a namespace of AWS. In other namespaces a metric can have any name. */
function isOfAws(condition: Condition): boolean {
  const namespaces = fieldsOf(condition).filter(([field]) => field === 'namespace')
  return namespaces.some(([, pattern]) => patternTexts(pattern).some((text) => /^AWS\//i.test(text)))
}

/** Accounts that `nonProduction` both includes and excludes: one of the two has no effect. */
function accountsOnBothSides({ nonProduction, sets }: Config): Finding[] {
  if (!nonProduction) return []
  const accounts = linesIn(nonProduction.when, ['nonProduction', 'when'])
    .filter(({ field }) => field === 'account')
    .flatMap((line) => writtenIn(line, sets).map((written) => ({ ...written, isWanted: line.isWanted })))
  const leftOut = accounts.filter(({ isWanted }) => !isWanted)
  return accounts
    .filter(({ isWanted }) => isWanted)
    .flatMap(({ text, path }): Finding[] => {
      const other = leftOut.find((one) => one.text === text)
      if (!other) return []
      return [
        {
          code: 'account-on-both-sides',
          path,
          message: `account "${text}" is included in nonProduction here, and excluded elsewhere`,
          fix: 'Keep one of the two: an account is either production or not',
          also: [other.path],
        },
      ]
    })
}
