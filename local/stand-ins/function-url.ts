/** A request over HTTP, as a sender makes it. */
export interface Sent {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string
}

/**
 * The event that Lambda makes of it for a function with a URL (payload 2.0). JSON and text arrive as they are, anything else in
 * base64: Slack's forms do. Header names are in lower case; an empty body is absent.
 */
export function urlEvent({ method = 'POST', path, headers = {}, body = '' }: Sent): object {
  const [rawPath = '/', ...query] = path.split('?')
  const all = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const isBase64Encoded = !/^(application\/json|text\/)/.test(all['content-type'] ?? 'text/plain')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query.join('?'),
    headers: { host: 'abcdefgh.lambda-url.eu-west-1.on.aws', ...all },
    requestContext: {
      domainName: 'abcdefgh.lambda-url.eu-west-1.on.aws',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'r',
      time: '27/Nov/2026:10:00:00 +0000',
    },
    ...(body !== '' && { body: isBase64Encoded ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: body !== '' && isBase64Encoded,
  }
}
