import type { Channel } from '../channel.ts'

/** Accepts everything and sends nothing: the heartbeat's channel (shared/observe/heartbeat.ts). */
export const sink: Channel<undefined, 'sink'> = {
  type: 'sink',
  render: () => undefined,
  firstLine: () => '',
  send: async () => {},
}
