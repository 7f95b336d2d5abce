/** A certificate and its key, in PEM. */
export interface Certificate {
  key: string
  cert: string
}

/**
 * A certificate for 127.0.0.1 and localhost, valid at any time: TLS uses the machine's clock, which may differ from
 * this process's. Its key stays in this process's memory. This process trusts it after
 * `tls.setDefaultCACertificates([...tls.getCACertificates('default'), cert])`, a child process with
 * NODE_EXTRA_CA_CERTS.
 */
export async function makeCertificate(): Promise<Certificate> {
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: new Date('2049-12-31'),
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
