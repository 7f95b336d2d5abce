import { type Reader, textsIn } from '../channel.ts'
import type { Block } from './message.ts'
import { asRead, unescaped } from './mrkdwn.ts'
import { firstLine, render } from './render.ts'

export const reader: Reader = {
  read(notification) {
    const message = render(notification)
    return { headline: firstLine(message), body: message.attachments[0].blocks.flatMap(blockLines) }
  },
  texts: (notification) => textsIn(render(notification)).map(unescaped),
  pagesWith: () => false,
}

function blockLines(block: Block): string[] {
  if (block.type === 'actions') {
    return block.elements.map((button) => `[${button.text.text}]${'url' in button ? ` ${button.url}` : ''}`)
  }
  const texts = block.type === 'context' ? block.elements : 'fields' in block ? block.fields : [block.text]
  return texts.flatMap(({ text }) => asRead(text).split('\n'))
}
