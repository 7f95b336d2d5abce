import type { EvidencePart } from '../../../schemas/evidence.ts'
import { clean, oneLine } from '../outside-text.ts'

/*
 * What an email says, part by part, in the order in which people read it: its text and its HTML are both made of this. Texts
 * are clean, and nothing is escaped yet. Pure.
 */

export interface Document {
  /** Its colour. */
  tone: 'critical' | 'warning' | 'info' | 'resolved'
  /** What a list of emails shows after the subject. */
  preview: string
  blocks: Block[]
}

export type Block =
  /** What, and where. */
  | { is: 'head'; title: string; where: string }
  /** What has to be known before the rest. */
  | { is: 'note'; text: string }
  /** Lines of a text. */
  | { is: 'text'; heading?: string; text: string }
  | { is: 'facts'; heading?: string; facts: Fact[] }
  /** `isMain`: what most readers want to do. */
  | { is: 'link'; label: string; url: string; isMain?: true }
  /** The heading of the entries that follow, in a digest; and one of its alerts. */
  | { is: 'group'; title: string }
  | { is: 'entry'; title: string; facts: string; url?: string }
  /** A question that was asked after the alert, and its answer. */
  | { is: 'answer'; title: string; says: string; lines: string[]; chart?: NonNullable<EvidencePart['chart']> }
  | { is: 'foot'; text: string }

export type Fact = [label: string, value: string]

/** A note, or none without a text. */
export function note(text: string | undefined): Block[] {
  const shown = clean(text ?? '')
  return shown === '' ? [] : [{ is: 'note', text: shown }]
}

/** A text, below its heading if it has one; none without a text. */
export function text(of: string | undefined, heading?: string): Block[] {
  const shown = clean(of ?? '')
  return shown === '' ? [] : [{ is: 'text', text: shown, ...(heading !== undefined && { heading }) }]
}

/** Those that have a value. */
export function facts(all: [label: string, value: string | undefined][], heading?: string): Block[] {
  const shown = all
    .map(([label, value]): Fact => [oneLine(label), oneLine(value ?? '')])
    .filter(([, value]) => value !== '')
  return shown.length === 0 ? [] : [{ is: 'facts', facts: shown, ...(heading !== undefined && { heading }) }]
}

/** As plain text: a paragraph for each block, each link alone on its line. */
export function textOf({ blocks }: Pick<Document, 'blocks'>): string {
  return blocks
    .map(paragraphOf)
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

function paragraphOf(block: Block): string {
  switch (block.is) {
    case 'head':
      return lines([block.title, block.where])
    case 'text':
      return below(block.heading, block.text)
    case 'facts':
      return below(block.heading, lines(block.facts.map(([label, value]) => `${label}: ${value}`)))
    case 'link':
      return below(block.label, block.url)
    case 'group':
      return block.title
    case 'entry':
      return lines([block.title, block.facts, block.url])
    case 'answer': {
      const { title, says, chart } = block
      // A font of mail programs has no columns: the chart is one line.
      return lines([says === '' ? title : `${title}: ${says}`, chart?.line, ...block.lines])
    }
    case 'note':
    case 'foot':
      return block.text
  }
}

function below(heading: string | undefined, shown: string): string {
  return heading === undefined ? shown : `${heading}:\n${shown}`
}

function lines(all: (string | undefined)[]): string {
  return all.filter(Boolean).join('\n')
}
