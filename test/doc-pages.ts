import { globSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'

/* Reads the pages that people read: what they link to, which commands they give, and which output they show. */

/** The README, and each page beside it and in docs/. */
export const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/**/*.md')
    .map((page) => page.replaceAll('\\', '/'))
    .sort(),
]

export const textOf = (page: string) => readFileSync(page, 'utf8')

/** A fenced block: what stands behind its backquotes, and the comment on the line before it. */
export interface Block {
  line: number
  language: string
  marker: string
  text: string
}

export function blocksOf(page: string): Block[] {
  const text = textOf(page)
  const fenced = text.matchAll(/(?:^<!-- (.*) -->\n)?^( *)```(.*)\n([\s\S]*?)^\2```$/gm)
  return [...fenced].map(({ index, 1: marker = '', 2: indent = '', 3: language = '', 4: inside = '' }) => ({
    line: text.slice(0, index).split('\n').length,
    language,
    marker,
    text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** Without its blocks: what is in them is no link and no heading. */
export function proseOf(page: string): string {
  return textOf(page).replace(/^( *)```[\s\S]*?^\1```$/gm, '')
}

/** What stands below a heading, up to the next one of any level. */
export function sectionOf(page: string, heading: string): string {
  const [, section = ''] = proseOf(page).split(new RegExp(`^#+ ${RegExp.escape(heading)}$`, 'm'))
  return section.split(/^#/m)[0] ?? ''
}

/** The targets of links and pictures that are not on another site. */
export function linksOf(page: string): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => (/^\w+:/.test(target) ? [] : [target]))
}

/** How many cells each row of each table has. GitHub takes a `|` in backquotes for the end of a cell, too. */
export function tablesOf(page: string): number[][] {
  const tables = proseOf(page).match(/(?:^\|.*\n)+/gm) ?? []
  return tables.map((table) =>
    table
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/(?<!\\)\|/).length),
  )
}

/** What a `#…` may name on a page, as GitHub makes it of its headings. */
export function anchorsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** A command that a page gives, in words as the shell takes them. */
export interface Given {
  where: string
  words: string[]
}

/** The commands in blocks of `sh`, and those that stand in a sentence or a table. */
export function commandsOf(page: string): Given[] {
  const inBlocks = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ line, text }) =>
      text.split('\n').map((each, index) => ({ where: `${page}:${line + index + 1}`, each })),
    )
  const inSentences = [...proseOf(page).matchAll(/`((?:npx|npm|aws) [^`\n]+)`/g)].map(([, each = '']) => ({
    where: `${page}: ${each}`,
    each,
  }))
  return [...inBlocks, ...inSentences].flatMap(({ where, each }) => parts(each).map((words) => ({ where, words })))
}

/**
 * A line of the shell, as the commands that `&&`, `;`, `|` and `&` part; without its comment, what is set before it, and
 * where its output goes.
 */
export function parts(line: string): string[][] {
  const commands: string[][] = [[]]
  for (const [token] of line.replace(/\s>>?\s*\S+/g, '').matchAll(/#\s.*$|(?:"[^"]*"|'[^']*'|[^\s"';&|])+|&&|[;&|]/g)) {
    if (/^#\s/.test(token)) break
    if (/^(&&|[;&|])$/.test(token)) commands.push([])
    else if (!/^[A-Z_]+=/.test(token)) commands.at(-1)?.push(token.replaceAll(/["']/g, ''))
  }
  return commands.filter((words) => words.length > 0)
}

/** Times and durations differ from run to run; so does what is padded to their width. */
export function steady(output: string): string {
  return output
    .replace(/^\n+|\s+$/g, '')
    .replace(/\bin \d+(\.\d+)? s\b/g, 'in 0.0 s')
    .replace(/[ \t]+$/gm, '')
}

/** Whether what is shown is what came: a line `…` stands for any lines, another `…` for any text in its line. */
export function showsWhatCame(shown: string, came: string): boolean {
  const pieces = steady(shown)
    .split(/^ *…$/m)
    .map((piece) => piece.split('…').map(RegExp.escape).join('.*'))
  return new RegExp(`^${pieces.join('(?:[\\s\\S]*)')}$`).test(steady(came))
}

/** Expects that a page shows what came, in the block that is marked `checked by:` this test. */
export function expectShown(page: string, test: string, came: string): void {
  const { text = '' } = blocksOf(page).find(({ marker }) => marker === `checked by: ${test}`) ?? {}
  if (!showsWhatCame(text, came)) expect(steady(text), `${page} shows another output than what came`).toBe(steady(came))
}
