/** How an email goes by SES. */
export interface SesRoute {
  from: string
  addresses: string[]
  /** By which bounces and complaints are known. */
  configurationSet?: string
  /** By which the email has a button to acknowledge: the inbox's URL, and the secret that signs. Never in an error or a log. */
  acknowledge?: { base: string; secret: string }
}
