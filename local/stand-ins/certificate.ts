import { generate } from 'selfsigned'

/** A certificate and its key, in PEM. */
export interface Certificate {
  key: string
  cert: string
}

/**
 * A certificate for 127.0.0.1 and localhost, valid from now for a day. This process trusts it after
 * `tls.setDefaultCACertificates([...tls.getCACertificates('default'), cert])`, a child process with NODE_EXTRA_CA_CERTS.
 */
export async function makeCertificate(): Promise<Certificate> {
  const now = Date.now()
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // A clock may be a little off, also our own between two calls.
    notBeforeDate: new Date(now - 60_000),
    notAfterDate: new Date(now + 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}
