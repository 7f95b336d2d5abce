import type { Reader } from '../channel.ts'
import { firstLine, render } from './render.ts'

export const reader: Reader = {
  read(notification) {
    const message = render(notification)
    return { headline: firstLine(message), body: message.text.split('\n') }
  },
  texts: (notification) => {
    const { subject, text } = render(notification)
    return [subject, text]
  },
  pagesWith: () => false,
}
