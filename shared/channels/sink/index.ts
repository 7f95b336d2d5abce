import type { Channel } from '../channel.ts'

/** Takes everything and tells nobody: where the heartbeat ends (shared/observe/heartbeat.ts). */
export const sink: Channel<undefined, 'sink'> = {
  type: 'sink',
  render: () => undefined,
  firstLine: () => '',
  send: async () => {},
}
