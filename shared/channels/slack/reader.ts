import { type Reader, textsIn } from '../channel.ts'
import type { Block, SlackPayload } from './message.ts'
import { asRead, unescaped } from './mrkdwn.ts'
import { firstLine, render } from './render.ts'

export const reader: Reader = {
  read: (notification) => asShown(render(notification)),
  texts: (notification) => textsIn(render(notification)).map(unescaped),
  pagesWith: () => false,
}

/** A message as people see it. */
export function asShown(message: SlackPayload): ReturnType<Reader['read']> {
  return { headline: firstLine(message), body: message.attachments[0].blocks.flatMap(blockLines) }
}

function blockLines(block: Block): string[] {
  if (block.type === 'actions') {
    return block.elements.map((button) => `[${button.text.text}]${'url' in button ? ` ${button.url}` : ''}`)
  }
  const texts = block.type === 'context' ? block.elements : 'fields' in block ? block.fields : [block.text]
  return texts.flatMap(({ text }) => asRead(text).split('\n'))
}
