import { closest, distance } from 'fastest-levenshtein'

/**
 * Region codes by the regions' present and former names. A display name is recognised by its end, which is the place:
 * `US East (N. Virginia)`, `US East - N. Virginia` and `US - N. Virginia` are the same.
 */
const PLACES: Record<string, string> = {
  'n virginia': 'us-east-1',
  'northern virginia': 'us-east-1',
  virginia: 'us-east-1',
  'us east': 'us-east-1',
  'us standard': 'us-east-1',
  ohio: 'us-east-2',
  'n california': 'us-west-1',
  'northern california': 'us-west-1',
  california: 'us-west-1',
  oregon: 'us-west-2',
  'us west': 'us-west-1',
  'cape town': 'af-south-1',
  'hong kong': 'ap-east-1',
  taipei: 'ap-east-2',
  tokyo: 'ap-northeast-1',
  seoul: 'ap-northeast-2',
  osaka: 'ap-northeast-3',
  'osaka local': 'ap-northeast-3',
  mumbai: 'ap-south-1',
  hyderabad: 'ap-south-2',
  singapore: 'ap-southeast-1',
  sydney: 'ap-southeast-2',
  jakarta: 'ap-southeast-3',
  melbourne: 'ap-southeast-4',
  malaysia: 'ap-southeast-5',
  'new zealand': 'ap-southeast-6',
  auckland: 'ap-southeast-6',
  thailand: 'ap-southeast-7',
  'canada central': 'ca-central-1',
  montreal: 'ca-central-1',
  'canada west': 'ca-west-1',
  calgary: 'ca-west-1',
  beijing: 'cn-north-1',
  ningxia: 'cn-northwest-1',
  frankfurt: 'eu-central-1',
  zurich: 'eu-central-2',
  stockholm: 'eu-north-1',
  milan: 'eu-south-1',
  spain: 'eu-south-2',
  ireland: 'eu-west-1',
  dublin: 'eu-west-1',
  london: 'eu-west-2',
  paris: 'eu-west-3',
  germany: 'eusc-de-east-1',
  'tel aviv': 'il-central-1',
  uae: 'me-central-1',
  bahrain: 'me-south-1',
  'mexico central': 'mx-central-1',
  mexico: 'mx-central-1',
  queretaro: 'mx-central-1',
  'sao paulo': 'sa-east-1',
  'govcloud us east': 'us-gov-east-1',
  'govcloud us gov east': 'us-gov-east-1',
  'govcloud east': 'us-gov-east-1',
  'us gov east': 'us-gov-east-1',
  'govcloud us west': 'us-gov-west-1',
  'govcloud us gov west': 'us-gov-west-1',
  'govcloud west': 'us-gov-west-1',
  'us gov west': 'us-gov-west-1',
  'govcloud us': 'us-gov-west-1',
  govcloud: 'us-gov-west-1',
  'us iso east': 'us-iso-east-1',
  'us iso west': 'us-iso-west-1',
  'us isob east ohio': 'us-isob-east-1',
  'eu isoe west': 'eu-isoe-west-1',
  'us isof east': 'us-isof-east-1',
  'us isof south': 'us-isof-south-1',
}

const CODE = /^[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}$/

/** The region's code for a code (in any case) or a display name in any known spelling; undefined for anything else. */
export function regionCode(given: string | undefined): string | undefined {
  if (given === undefined || given.length > 100) return undefined
  const lower = given.trim().toLowerCase()
  if (CODE.test(lower)) return lower
  const words = lower
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .split(/[^a-z]+/)
    .filter(Boolean)
  for (let from = 0; from < words.length; from++) {
    const place = words.slice(from).join(' ')
    if (Object.hasOwn(PLACES, place)) return PLACES[place]
  }
  return undefined
}

const REGIONS = [...new Set(Object.values(PLACES))]
const DIRECTION = /-(north|south|east|west|central|northeast|northwest|southeast|southwest)-\d{1,2}$/

/** Whether it is, or could be, a region's code. AWS opens new regions: anything of their form counts. */
export function isRegion(text: string): boolean {
  if (!CODE.test(text) || !DIRECTION.test(text)) return false
  const area = (region: string) => region.replace(DIRECTION, '')
  return REGIONS.some((region) => area(region) === area(text)) || withTheseLetters(text) === undefined
}

/** The code of the region that was probably meant: by a name, or by a misspelt code. */
export function nearestRegion(text: string): string | undefined {
  const lower = text.trim().toLowerCase().replaceAll('_', '-')
  const code = regionCode(lower)
  if (code !== undefined && isRegion(code)) return code
  const nearest = withTheseLetters(lower) ?? closest(lower, REGIONS)
  return distance(lower, nearest) <= 3 ? nearest : undefined
}

/** `eu-west-1` for `ue-west-1`. */
function withTheseLetters(text: string): string | undefined {
  const letters = (one: string) => [...one].sort().join('')
  return REGIONS.find((region) => letters(region) === letters(text))
}

const PARTITIONS: [prefix: string, partition: string][] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
]

/** The partition of a region; `aws` if unknown. */
export function partitionOf(region: string | undefined): string {
  return PARTITIONS.find(([prefix]) => region?.startsWith(prefix))?.[1] ?? 'aws'
}
