import { type Reader, textsIn } from '../channel.ts'
import { firstLine, render } from './render.ts'

export const reader: Reader = {
  read(notification) {
    const message = render(notification)
    return { headline: firstLine(message), body: message.text.split('\n') }
  },
  texts: (notification) => textsIn(render(notification)),
  pagesWith: () => false,
}
