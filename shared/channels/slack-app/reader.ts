import type { Reader } from '../channel.ts'
import { reader as slack } from '../slack/reader.ts'

/** What a person reads is the same as of a webhook's message: the buttons beside its links carry no text from outside. */
export const reader: Reader = slack
