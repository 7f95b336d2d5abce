import type { Notification } from '../../../schemas/notification.ts'
import { type Reader, textsIn } from '../channel.ts'
import { firstLine, isFinishedDeployment, render } from './render.ts'

export const reader: Reader = {
  read(notification) {
    const message = render(notification)
    const { data } = message
    return {
      headline: firstLine(message),
      body: [
        ...Object.entries(data.payload.custom_details).flatMap(([label, value]) => detailLines(label, value)),
        ...data.links.map(({ text, href }) => `[${text}] ${href}`),
      ],
    }
  },
  texts: (notification) => textsIn(render(notification)),
  // A change event (a finished deployment, for example) is shown beside incidents and does not open one.
  pagesWith: (notification: Notification) => !isFinishedDeployment(notification),
}

function detailLines(label: string, value: string | string[] | Record<string, string>): string[] {
  if (typeof value === 'string') return `${label}: ${value}`.split('\n')
  if (Array.isArray(value)) return [`${label}: ${value.join(', ')}`]
  return [`${label}:`, ...Object.entries(value).map(([name, text]) => `  ${name}: ${text}`)]
}
