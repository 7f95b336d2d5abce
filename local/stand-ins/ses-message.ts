/** The body of `SendEmail` (SES API v2 Reference), as far as it is checked here. */
export interface SendEmail {
  FromEmailAddress?: string
  Destination?: Partial<Record<'ToAddresses' | 'CcAddresses' | 'BccAddresses', string[]>>
  ConfigurationSetName?: string
  EmailTags?: { Name: string; Value: string }[]
  Content?: { Simple?: Simple }
}

interface Simple {
  Subject?: Content
  Body?: { Text?: Content; Html?: Content }
  Headers?: { Name: string; Value: string }[]
  Attachments?: Attachment[]
}

interface Content {
  Data?: string
  Charset?: string
}

interface Attachment {
  FileName?: string
  /** In base64. */
  RawContent?: string
  ContentType?: string
  ContentId?: string
  ContentDisposition?: string
  ContentTransferEncoding?: string
}

const MAX_RECIPIENTS = 50
const MAX_HEADERS = 15
/** After it is encoded (SES Developer Guide, Service quotas). */
const MAX_BYTES = 40 * 1024 * 1024

/** Set by SES itself (SES Developer Guide, Header fields). */
const OWN_HEADERS =
  'bcc cc content-disposition content-type date from message-id mime-version reply-to return-path subject to'.split(' ')
/** May be there once (ibid.), of those that anybody here might repeat. */
const SINGLE_HEADERS = 'auto-submitted importance in-reply-to list-unsubscribe priority references'.split(' ')

/** SES API v2 Reference, MessageTag. */
const TAG_NAME = /^[\w-]{1,256}$/
const TAG_VALUE = /^[\w.@-]{1,256}$/
const ADDRESS = /^[\x21-\x7e]{1,64}@[A-Za-z0-9.-]{1,255}$/
/** Some of those that SES does not take (SES Developer Guide, Unsupported attachment types). */
const UNSUPPORTED = /\.(?:exe|bat|cmd|com|js|jar|msi|ps1|scr|vbs)$/i

/** What SES would refuse in a message of the simple form; its words for some of these are not documented. */
export function messageFault(message: SendEmail): string | undefined {
  const { Destination: to = {}, FromEmailAddress: from, Content } = message
  const recipients = Object.values(to).flat()
  if (from === undefined || !ADDRESS.test(from)) return 'Missing or malformed FromEmailAddress'
  if (recipients.length === 0) return 'At least one recipient is required'
  if (recipients.length > MAX_RECIPIENTS) return `Recipient count exceeds ${MAX_RECIPIENTS}.`
  // One of them rejects the whole message.
  if (!recipients.every((one) => ADDRESS.test(one))) return 'Illegal address'
  for (const { Name, Value } of message.EmailTags ?? [])
    if (!TAG_NAME.test(Name) || !TAG_VALUE.test(Value)) return `Invalid tag <${Name}>`
  const simple = Content?.Simple
  if (!simple) return 'Content is required'
  return contentFault(simple) ?? headersFault(simple.Headers ?? []) ?? attachmentsFault(simple)
}

function contentFault(simple: Simple): string | undefined {
  const { Subject, Body } = simple
  const { Text, Html } = Body ?? {}
  if (Subject?.Data === undefined) return 'Subject is required'
  if (/[\r\n]/.test(Subject.Data)) return 'Subject contains line breaks'
  if (!Text && !Html) return 'Body is required'
  for (const content of [Subject, Text, Html]) {
    // 7-bit ASCII by default (SES API v2 Reference, Content).
    if (content && content.Charset === undefined && /[^\x00-\x7f]/.test(content.Data ?? ''))
      return 'Charset is required'
  }
  const bytes = Buffer.byteLength(JSON.stringify(simple))
  return bytes > MAX_BYTES ? `Message length is more than ${MAX_BYTES} bytes long: '${bytes}'.` : undefined
}

function headersFault(headers: { Name: string; Value: string }[]): string | undefined {
  if (headers.length > MAX_HEADERS) return `At most ${MAX_HEADERS} headers`
  const names = headers.map(({ Name }) => Name.toLowerCase())
  for (const { Name, Value } of headers) {
    const name = Name.toLowerCase()
    if (!/^[\x21-\x39\x3b-\x7e]{1,126}$/.test(Name)) return `Invalid header name <${Name}>`
    if (!/^[\x20-\x7e]{1,995}$/.test(Value) || Name.length + Value.length > 996)
      return `Invalid value of header <${Name}>`
    if (OWN_HEADERS.includes(name)) return `Header <${Name}> is not allowed`
    if (SINGLE_HEADERS.includes(name) && names.filter((one) => one === name).length > 1)
      return `Duplicate header <${Name}>`
  }
  return undefined
}

function attachmentsFault({ Attachments = [], Body }: Simple): string | undefined {
  for (const { FileName, RawContent, ContentId, ContentDisposition, ContentTransferEncoding } of Attachments) {
    if (!FileName || !/\.\w+$/.test(FileName)) return 'FileName with an extension is required'
    if (UNSUPPORTED.test(FileName)) return `Unsupported file extension <${FileName}>`
    if (!RawContent) return 'RawContent is required'
    // SES would send it, and nobody could open it: 7 bits are the default.
    const isAscii = Buffer.from(RawContent, 'base64').every((byte) => byte < 0x80)
    if (!isAscii && ContentTransferEncoding !== 'BASE64') return `<${FileName}> is not of 7 bits`
    if (ContentDisposition === 'INLINE' && (!ContentId || !Body?.Html?.Data?.includes(`"cid:${ContentId}"`)))
      return `<${FileName}> is inline, and the HTML does not show it`
  }
  return undefined
}
