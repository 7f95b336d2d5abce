import {
  GetServiceQuota$,
  type GetServiceQuotaCommandInput,
  type GetServiceQuotaCommandOutput,
  ListServiceQuotas$,
  type ListServiceQuotasCommandInput,
  type ListServiceQuotasCommandOutput,
} from '@aws-sdk/client-service-quotas'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

/** What of Service Quotas is asked (Service Quotas API Reference): those that have an applied value. */
export const SERVICE_QUOTAS: Operation[] = [
  operation<ListServiceQuotasCommandInput, ListServiceQuotasCommandOutput>(
    'serviceQuotas',
    ListServiceQuotas$,
    listServiceQuotas,
    { bounds: { MaxResults: [1, 100] } },
  ),
  operation<GetServiceQuotaCommandInput, GetServiceQuotaCommandOutput>(
    'serviceQuotas',
    GetServiceQuota$,
    getServiceQuota,
  ),
]

function noSuch(): Refusal {
  return new Refusal('NoSuchResourceException', 'The request failed because the specified service does not exist.', 404)
}

function listServiceQuotas(
  input: ListServiceQuotasCommandInput,
  asked: Asked,
): Omit<ListServiceQuotasCommandOutput, '$metadata'> {
  const { ServiceCode, QuotaCode } = input
  const ofService = asked.data.quotas.filter((quota) => quota.ServiceCode === ServiceCode)
  if (ofService.length === 0) throw noSuch()
  const found = ofService.filter((quota) => QuotaCode === undefined || quota.QuotaCode === QuotaCode)
  const { items, next } = page(found, { token: input.NextToken, size: input.MaxResults ?? 100, of: input }, asked)
  return { Quotas: items, NextToken: next }
}

function getServiceQuota(
  { ServiceCode, QuotaCode }: GetServiceQuotaCommandInput,
  { data }: Asked,
): Omit<GetServiceQuotaCommandOutput, '$metadata'> {
  const Quota = data.quotas.find((quota) => quota.ServiceCode === ServiceCode && quota.QuotaCode === QuotaCode)
  if (!Quota) throw noSuch()
  return { Quota }
}
