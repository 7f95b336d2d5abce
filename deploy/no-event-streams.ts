/**
 * Replaces @smithy/core/event-streams in the bundles (deploy/esbuild.ts). None of our calls streams events, and its
 * dynamic import alone keeps esbuild from flattening most of the SDK: 30 KB and some 5 ms of each cold start.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('This bundle has no event streams: see deploy/no-event-streams.ts')
  }
}

/** Clients of services that have some ask for it when they are made; it would be used by a call that streams. */
export const eventStreamSerdeProvider = (): undefined => undefined

export const resolveEventStreamSerdeConfig = <Config extends object>(config: Config): Config => config
