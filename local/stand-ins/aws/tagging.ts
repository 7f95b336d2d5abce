import {
  GetResources$,
  type GetResourcesCommandInput,
  type GetResourcesCommandOutput,
} from '@aws-sdk/client-resource-groups-tagging-api'
import { NO_ESTATE } from './estate-data.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 100

/** What of tags is asked (Resource Groups Tagging API Reference): only what has tags, or had some, is listed. */
export const TAGGING: Operation[] = [
  operation<GetResourcesCommandInput, GetResourcesCommandOutput>('tagging', GetResources$, getResources, {
    bounds: { ResourcesPerPage: [1, 100] },
  }),
]

function getResources(input: GetResourcesCommandInput, asked: Asked): Omit<GetResourcesCommandOutput, '$metadata'> {
  const { ResourceTypeFilters = [], TagFilters = [], PaginationToken, ResourcesPerPage = PAGE } = input
  if (TagFilters.length > 0) {
    throw new Refusal('InvalidParameterException', 'the stand-in does not filter by tags')
  }
  const found = (asked.data.estate ?? NO_ESTATE).tagged.filter(
    ({ ResourceARN = '' }) => ResourceTypeFilters.length === 0 || ResourceTypeFilters.includes(typeOf(ResourceARN)),
  )
  const token = PaginationToken === '' ? undefined : PaginationToken
  const { items, next } = page(found, { token, size: ResourcesPerPage, of: { ResourceTypeFilters } }, asked)
  // Unlike others, it says by an empty text that there are no more.
  return { ResourceTagMappingList: items, PaginationToken: next ?? '' }
}

/** `cloudwatch:alarm` */
function typeOf(arn: string): string {
  const [, , service = '', , , resource = ''] = arn.split(':')
  return `${service}:${resource.split('/')[0]}`
}
