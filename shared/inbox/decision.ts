import type { Link } from '../answers/link.ts'
import type { Refusal, Request, Response } from './request.ts'
import type { Wish } from './wish.ts'

/** The lists of secrets, by their names in Secrets Manager below the stage's prefix. */
export const SECRETS = ['slack-signing', 'pagerduty-webhook', 'inbox-links'] as const
export type SecretName = (typeof SECRETS)[number]

/** What is to be done about a request. Plain data. */
export type Decision =
  | Refusal
  /** Nothing but to answer. `unused`: of what kind it is, for the log. */
  | { do: 'answer'; response: Response; unused?: string }
  /** Put on the queue what a person wants, then answer: with what became of it, or with nothing. */
  | { do: 'order'; wish: Wish; shows: 'text' | 'nothing'; say?: string }
  /** By which dedup key an incident was opened: later events of it do not say so. */
  | { do: 'remember'; incident: string; key: string }
  /** A link was opened, or its button pressed. */
  | { do: 'show' | 'press'; link: Link; id: string }

/** A kind of sender: what is checked without its secret, and what it wants if it is who it says. Pure. */
export interface Sender {
  secret: SecretName
  /** What is no request of this kind is refused before a secret is read; or answered. */
  before(request: Request): Refusal | Response | undefined
  decide(request: Request, secrets: string[], now: Date): Decision
}
