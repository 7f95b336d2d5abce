/*
 * PagerDuty's webhooks do not say by which dedup key an incident was opened: on a service that creates alerts, `incident_key`
 * is null. But the first of them, `incident.triggered`, repeats the event's `client_url`: there it says so. Pure.
 */

const NAME = 'alert-router-key'

/** The same page: a console leaves alone what it does not know. What is no web page stays as it is. */
export function withReference(clientUrl: string | undefined, dedupKey: string): string | undefined {
  if (clientUrl === undefined || !URL.canParse(clientUrl)) return clientUrl
  const [page = '', ...fragment] = clientUrl.split('#')
  const reference = `${page.includes('?') ? '&' : '?'}${NAME}=${encodeURIComponent(dedupKey.toWellFormed())}`
  return [page + reference, ...fragment].join('#')
}

/** The dedup key in such a URL. */
export function referenceIn(clientUrl: unknown): string | undefined {
  if (typeof clientUrl !== 'string' || !URL.canParse(clientUrl)) return undefined
  return new URL(clientUrl).searchParams.get(NAME) || undefined
}
