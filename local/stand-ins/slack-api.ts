import type { HttpAnswer, Request } from './exchange.ts'
import { type Limit, limiter } from './limit.ts'
import { optionsIn, POSTS, type SlackChannel, type SlackMessage, said, Workspace } from './slack-workspace.ts'
import { destination, type ForwardTo, type StandIn, startStandIn } from './stand-in.ts'

export interface SlackApiStandIn extends StandIn {
  /** In the order of posting; those that were deleted are not there. */
  messages: SlackMessage[]
  /** By id. One that a post names, and is not there, is made: public, with the bot in it. */
  channels: Map<string, SlackChannel>
  setChannel(id: string, is: Partial<SlackChannel>): void
  /** Refuses every call with the first of these from now on: `token_revoked`. */
  refuseToken(error?: string): void
  /** Messages can't be edited after this many seconds: a setting of the workspace. */
  closeEditsAfter(seconds?: number): void
}

interface Options {
  /** The only token that exists; by default, any bot's. */
  token?: string
  scopes?: string[]
  isLimited?: boolean
  /** The user's own server, for all or by token: what stands before the methods' names. */
  forwardTo?: ForwardTo
}

const SCOPES = ['chat:write', 'channels:history', 'groups:history']

/**
 * Slack's Web API at `/api/<method>`, as documented: what an app does with messages. It answers 200 to errors, too, and 429 to
 * what is too fast.
 */
export async function startSlackApi(given: Options = {}): Promise<SlackApiStandIn> {
  const workspace = new Workspace(() => Date.now())
  const wait = waits()
  let refused: string | undefined

  function answer(request: Request): HttpAnswer {
    const name = methodIn(request.path)
    const method = Object.hasOwn(workspace.methods, name) ? workspace.methods[name] : undefined
    if (request.method !== 'POST' || !method) return said('unknown_method')
    const error = tokenError(request, given.token) ?? refused
    if (error !== undefined) return said(error)
    const options = optionsIn(request)
    // chat.postMessage alone takes a name.
    const channel = workspace.channelOf(options.channel, name === 'chat.postMessage')
    const { scopes = SCOPES, isLimited = false } = given
    const needed = method.scope?.(channel)
    if (needed !== undefined && !scopes.includes(needed)) {
      return { status: 200, body: { ok: false, error: 'missing_scope', needed, provided: scopes.join(',') } }
    }
    const waitMs = isLimited && method.limit ? wait(name, method.limit, channel) : 0
    return waitMs > 0 ? tooMany(waitMs) : said(method.do(options, channel))
  }

  const standIn = await startStandIn({
    answer,
    capture: (request) => ({ path: methodIn(request.path), body: optionsIn(request) }),
    forwardTo: ({ path, headers }) => {
      const to = destination(given.forwardTo, tokenIn(headers) ?? '')
      return to && new URL(`${to.href.replace(/\/*$/, '')}/${methodIn(path)}`)
    },
  })
  return {
    ...standIn,
    messages: workspace.messages,
    channels: workspace.channels,
    setChannel: (id, is) => workspace.setChannel(id, is),
    refuseToken: (error) => {
      refused = error
    },
    closeEditsAfter: (seconds) => {
      workspace.editSeconds = seconds
    },
  }
}

/** Posts are counted for each channel, other calls for the workspace; each method has its own count. */
function waits(): (method: string, limit: Limit, channel: SlackChannel | undefined) => number {
  const limits = new Map<string, ReturnType<typeof limiter>>()
  return (method, limit, channel) => {
    const counted = limits.get(method) ?? limiter(limit)
    limits.set(method, counted)
    return counted(limit === POSTS ? String(channel?.id) : 'workspace', Date.now())
  }
}

function tooMany(waitMs: number): HttpAnswer {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) }
  return { status: 429, headers, body: { ok: false, error: 'ratelimited' } }
}

function tokenIn(headers: Request['headers']): string | undefined {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
}

function tokenError({ headers }: Request, known: string | undefined): string | undefined {
  const token = tokenIn(headers)
  if (token === undefined) return 'not_authed'
  return token.startsWith('xoxb-') && (known === undefined || token === known) ? undefined : 'invalid_auth'
}

function methodIn(path: string): string {
  return /^\/api\/([\w.]+)$/.exec(path)?.[1] ?? '(unknown method)'
}
