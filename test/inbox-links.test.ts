import { describe, expect, test, vi } from 'vitest'
import { firingIn, type Link, linkOf, tokenOf } from '../shared/answers/link.ts'
import { firing } from './alert-samples.ts'
import { ANSWERED, inboxFor, SECRET } from './inbox.ts'
import { oweAll } from './owed.ts'

/*
 * Links in emails: opened by scanners, pressed by people, forwarded, kept, forged.
 */

const inbox = inboxFor()
const { by, post, orders } = inbox

const KEY = SECRET['inbox-links']
const BASE = 'https://abcdefgh.lambda-url.eu-west-1.on.aws/'

let alarms = 0
/** The path of a link to an alert that fires, for Ann; and the alert's key. */
async function linked(changes: Partial<Link> = {}, title = 'orders-cpu') {
  const fingerprint = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:linked-${++alarms}`
  await oweAll({ ...firing.alert, fingerprint, title, changedAt: '2026-11-27T09:00:00.000Z' }, ANSWERED)
  const link: Link = {
    action: 'acknowledge',
    alert: fingerprint,
    episode: '2026-11-27T09:00:00.000Z',
    recipient: 'ann@example.com',
    expires: '2026-12-01T00:00:00.000Z',
    ...changes,
  }
  return { path: `/link/${tokenOf(link, KEY)}`, alert: fingerprint, link }
}

const fired = (fingerprint: string, status: 'firing' | 'resolved', changedAt: string) =>
  oweAll({ ...firing.alert, fingerprint, status, changedAt }, ANSWERED)

describe('a link', () => {
  test('shows what its button does, to what, and for whom it was made; and does nothing', async () => {
    const { path } = await linked()
    const { statusCode, headers, body } = await post({ method: 'GET', path })
    expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    for (const text of [
      'Acknowledge this alert?',
      'orders-cpu',
      'Firing since',
      '2026-11-27 09:00 UTC',
      'made for',
      'ann@example.com',
    ]) {
      expect(body).toContain(text)
    }
    expect(body).toContain('<form method="post"><button type="submit">Acknowledge</button></form>')
    expect(body).not.toMatch(/<script|javascript:|\son\w+=|<a |<img|https?:/i)
    const head = await post({ method: 'HEAD', path })
    expect(head).toEqual({ statusCode, headers, body: '' })
    expect(await orders()).toEqual([])
  })

  test('has the browser keep nothing, name it to nobody, load nothing, and show it in no frame or index', async () => {
    const { path } = await linked()
    expect((await post({ method: 'GET', path })).headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
      ),
    })
  })

  test('acts when its button is pressed, once; a second press and a second look show that', async () => {
    const { path, alert } = await linked()
    const first = await post({ path })
    expect([first.statusCode, first.body]).toEqual([200, expect.stringContaining('It is recorded')])
    expect(await orders()).toEqual([
      { acknowledge: alert, by: 'ann@example.com', via: 'email', at: '2026-11-27T10:00:00.000Z' },
    ])
    vi.setSystemTime('2026-11-27T10:20:00Z')
    for (const method of ['POST', 'GET']) {
      const { statusCode, body } = await post({ method, path })
      expect([statusCode, body]).toEqual([200, expect.stringContaining('recorded at 2026-11-27 10:00 UTC already')])
      expect(body).not.toContain('<form')
    }
    expect(await orders()).toEqual([])
  })

  test('of a firing that has ended does nothing, whether it fires again or not', async () => {
    const { path, alert } = await linked()
    await fired(alert, 'resolved', '2026-11-27T09:30:00.000Z')
    expect((await post({ path })).body).toContain('It has ended')
    await fired(alert, 'firing', '2026-11-27T09:45:00.000Z')
    for (const method of ['GET', 'POST']) {
      const { body } = await post({ method, path })
      expect(body).toContain('this link is of the firing before')
      expect(body).not.toContain('<form')
    }
    expect(await orders()).toEqual([])
  })

  test('of an alert that is not known any more says so', async () => {
    const { path } = await linked({ alert: 'long ago' })
    for (const method of ['GET', 'POST']) {
      const { statusCode, body } = await post({ method, path })
      expect([statusCode, body]).toEqual([404, expect.stringContaining('No such alert is known')])
    }
  })

  test('shows a title and a name as text, whatever is in them', async () => {
    const { path } = await linked({ recipient: '"><img src=x onerror=alert(1)>' }, '<script>alert("1")</script>')
    const { body } = await post({ method: 'GET', path })
    expect(body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
    expect(body).not.toMatch(/<script|<img/)
  })

  test('that the queue does not take says so, with the button; pressed again, it counts once', async () => {
    const { path } = await linked()
    vi.stubEnv('ALARMS_QUEUE_URL', `${process.env.ALARMS_QUEUE_URL}-gone`)
    const { statusCode, body } = await post({ path })
    expect([statusCode, body]).toEqual([503, expect.stringContaining('Press again')])
    expect(body).toContain('<form method="post">')
    vi.unstubAllEnvs()
    await post({ path })
    expect(await orders()).toHaveLength(1)
  })

  test('expires', async () => {
    const { path } = await linked({ expires: '2026-11-27T10:00:01.000Z' })
    expect((await post({ method: 'GET', path })).statusCode).toBe(200)
    vi.setSystemTime('2026-11-27T10:00:01Z')
    for (const method of ['GET', 'HEAD', 'POST']) expect((await post({ method, path })).statusCode).toBe(410)
    expect(await orders()).toEqual([])
  })

  test('of another version, or for another purpose, is refused', async () => {
    const { link } = await linked()
    const { hmac } = await import('../shared/answers/signature.ts')
    const signed = (parts: unknown, purpose = 'alert-router link 1 ') => {
      const text = Buffer.from(JSON.stringify(parts)).toString('base64url')
      return `/link/${text}.${hmac(KEY, [purpose, text]).toString('base64url')}`
    }
    const { action, alert, episode, recipient, expires } = link
    for (const [parts, status] of [
      [[1, action, alert, episode, recipient, expires], 200],
      [[2, action, alert, episode, recipient, expires], 400],
      [[1, 'delete', alert, episode, recipient, expires], 400],
      [[1, 'constructor', alert, episode, recipient, expires], 400],
      [[1, action, alert, episode, recipient, 'never'], 400],
      [[1, action, alert, episode, 1, expires], 400],
      [{}, 400],
    ] as const) {
      expect([parts, (await post({ method: 'GET', path: signed(parts) })).statusCode]).toEqual([parts, status])
    }
    const other = signed([1, action, alert, episode, recipient, expires], 'another purpose ')
    expect((await post({ method: 'GET', path: other })).statusCode).toBe(403)
  })
})

describe('the link of a notification', () => {
  test('opens the page of the alert that was delivered', async () => {
    const fingerprint = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:delivered'
    const wake = await by.owed('chat', { fingerprint })
    const to = { action: 'acknowledge' as const, recipient: 'ann@example.com', base: BASE, secret: KEY }
    const url = linkOf(firingIn({ ...firing, alertKey: wake.fingerprint }) ?? { alert: '', episode: '' }, to)
    const { body } = await post({ method: 'GET', path: new URL(url).pathname })
    expect(body).toContain('Acknowledge this alert?')
  })
})
