/**
 * Replaces `cross-fetch` in the deployed bundle: pdjs would otherwise add 300 KB of its own HTTP client.
 * Node's `fetch` and `Headers` are named only inside the functions: naming them loads the client, which would slow a cold start.
 */
export default function nativeFetch(url: string, options?: RequestInit): Promise<Response> {
  return globalThis.fetch(url, options)
}

/** Called with `new`; returns Node's own `Headers`. */
export function Headers(init?: ConstructorParameters<typeof globalThis.Headers>[0]): Headers {
  return new globalThis.Headers(init)
}
