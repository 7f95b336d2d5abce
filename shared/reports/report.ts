import { type Answer, headline, isBad, type Verdict } from '../questions/answer.ts'
import { localTime } from '../questions/local-time.ts'

/** A report that was asked: what every form of it shows. */
export interface AskedReport {
  /** `daily` */
  name: string
  title: string
  /** The alarm of the incident that it is about. */
  alarm?: string
  /** The stage whose platform it is. */
  stage: string
  /** ISO 8601. */
  at: string
  /** IANA: in it, times are shown. */
  timezone: string
  /** One line: what a person must do, and what nobody knows. */
  headline: string
  sections: { title: string; answers: Answer[] }[]
}

export function askedReport(about: Omit<AskedReport, 'headline'>): AskedReport {
  return { ...about, headline: headline(answersOf(about)) }
}

export const answersOf = ({ sections }: Pick<AskedReport, 'sections'>): Answer[] =>
  sections.flatMap(({ answers }) => answers)

/** What a person must do, each with what it is about. */
export const todosOf = (report: Pick<AskedReport, 'sections'>): Answer[] => answersOf(report).filter(isBad)

export const notChecked = (report: Pick<AskedReport, 'sections'>): Answer[] =>
  answersOf(report).filter(({ verdict }) => verdict === 'not checked')

/** The same reason is given once, with all that it is about. */
export function unknownByReason(report: Pick<AskedReport, 'sections'>): { reason: string; answers: Answer[] }[] {
  return [...Map.groupBy(notChecked(report), ({ says }) => says)].map(([reason, answers]) => ({ reason, answers }))
}

/** A word beside each colour: some readers do not see it, and neither does a printer. */
export const WORDS: Record<Verdict, string> = {
  bad: 'to do',
  good: 'good',
  shown: '',
  'no data': 'no data',
  'not checked': 'not checked',
}

/** A day in UTC stays one. */
export const shownTime = (time: string, timezone: string): string =>
  time.length === 10 ? time : localTime(time, timezone)
