import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import type { AwsEvent } from './event-bridge.ts'
import { asLines, factsOf } from './facts.ts'
import { firstLine } from './text.ts'

/** Costs: AWS Budgets and Cost Anomaly Detection. */

/** A budget's notice is a plain-text email, with each fact on its own line. */
export function budgetText(text: string, envelope: Envelope): Draft | undefined {
  if (!/^\s*AWS Budgets?\b/i.test(text) && !/^AWS Budgets?:/i.test(envelope.subject ?? '')) return undefined
  const lines = new Map(
    [...text.slice(0, 12_000).matchAll(/^[ \t]*([A-Za-z][A-Za-z ]{2,40}?)[ \t]*:[ \t]+(\S.*?)[ \t]*$/gm)].map(
      ([, label = '', value = '']) => [label.toLowerCase(), value],
    ),
  )
  const name = lines.get('budget name')
  const account = /\bAWS Account:? (\d{12})\b/i.exec(text)?.[1] ?? envelope.account
  const type = lines.get('alert type')
  const amount = type && lines.get(`${type.toLowerCase()} amount`)
  const threshold = lines.get('alert threshold')
  const summary = [name && `Budget ${name}:`, type, amount, threshold && `(threshold ${threshold})`]
    .filter(Boolean)
    .join(' ')
  return {
    kind: 'budget',
    fingerprint: `budget:${account ?? ''}:${name ?? hash(envelope.topic, envelope.subject, text)}`,
    name: name ?? 'AWS Budgets',
    title: name && amount ? summary : firstLine(text),
    description: text,
    source: 'aws.budgets',
    account,
    resource: name ? `${name} (budget)` : 'AWS account costs',
    details: {
      budget: name,
      budgetType: lines.get('budget type'),
      budgeted: lines.get('budgeted amount'),
      alertType: type,
      threshold,
      amount,
    },
    links: { console: 'https://console.aws.amazon.com/billing/home#/budgets' },
  }
}

/** The same facts as JSON, or the notice of a cost anomaly. */
export function costMessage(message: Json, envelope: Envelope): Draft | undefined {
  const budget = asText(message.budgetName) ?? asText(message.BudgetName)
  if (budget !== undefined) {
    const account = asText(message.accountId) ?? asText(message.AccountId) ?? envelope.account
    const facts = factsOf(message)
    return {
      kind: 'budget',
      fingerprint: `budget:${account ?? ''}:${budget}`,
      name: budget,
      title: envelope.subject ?? `Budget ${budget} has passed its threshold`,
      description: asText(message.message) ?? asText(message.description) ?? asLines(facts),
      source: 'aws.budgets',
      account,
      resource: `${budget} (budget)`,
      details: Object.fromEntries(facts),
    }
  }
  return asText(message.anomalyId) && asObject(message.impact) ? costAnomaly(message) : undefined
}

export function costEvent({ source, detail, type, account }: AwsEvent): Draft | undefined {
  if (source === 'aws.ce' && asText(detail.anomalyId)) return { ...costAnomaly(detail), account }
  if (source !== 'aws.budgets') return undefined
  const drafted = costMessage(detail, { now: '', received: '', subject: undefined, account })
  return drafted && { ...drafted, details: { ...drafted.details, event: type } }
}

function costAnomaly(anomaly: Json): Draft {
  const impact = asObject(anomaly.impact) ?? {}
  const service =
    asText(anomaly.dimensionalValue) ??
    asText(anomaly.dimensionValue) ??
    asText(asObject(asList(anomaly.rootCauses)[0])?.service)
  const cost = moneyOf(impact.totalImpact) ?? moneyOf(impact.maxImpact)
  return {
    kind: 'budget',
    fingerprint: `cost-anomaly:${asText(anomaly.anomalyId)}`,
    name: 'Cost anomaly',
    title: `Cost anomaly${service ? `: ${service}` : ''}${cost ? `, $${cost} more than expected` : ''}`,
    reason: causeOf(asObject(asList(anomaly.rootCauses)[0]) ?? {}),
    description: asLines(factsOf(anomaly)),
    source: 'aws.ce',
    account: asText(anomaly.accountId),
    resource: service ? `${service} (service)` : 'AWS account costs',
    details: Object.fromEntries(factsOf(anomaly)),
    links: { console: asText(anomaly.anomalyDetailsLink) },
  }
}

/** `184.37`: to the cent; whole amounts have no cents. */
function moneyOf(given: unknown): string | undefined {
  const amount = asNumber(given)
  if (amount === undefined) return asText(given)
  return Number.isInteger(amount) ? String(amount) : amount.toFixed(2)
}

/** `Amazon EC2, eu-west-1, BoxUsage:m5.large, account orders-live` */
function causeOf(cause: Json): string | undefined {
  const owner = asText(cause.linkedAccountName) ?? asText(cause.linkedAccount)
  const parts = [cause.service, cause.region, cause.usageType].map(asText)
  return [...parts, owner && `account ${owner}`].filter(Boolean).join(', ') || undefined
}
