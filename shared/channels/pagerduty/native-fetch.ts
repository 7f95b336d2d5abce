import { httpsFetch } from '../https-fetch.ts'

/** Replaces `cross-fetch` in the deployed bundle: pdjs would otherwise add 300 KB of its own HTTP client. */
export default httpsFetch

/** Called with `new`: headers as they are given. */
export function Headers(init: Record<string, string>): Record<string, string> {
  return init
}
