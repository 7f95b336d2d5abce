// biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
export const PREFIX = '${self:service}-${sls:stage}'

const OF_PLATFORM = 'Platform'

/** Of what the stack watches, not of the router itself: by a resource's id in the template. */
export const isOfPlatform = (id: string): boolean => id.startsWith(OF_PLATFORM)

/** `data-loss`, `Alarm` → `PlatformDataLossAlarm`: the id of a resource in the template. */
export function idOf(name: string, kind: string): string {
  const words = name.split(/[^a-z0-9]+/i).filter((word) => word !== '')
  return `${OF_PLATFORM}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}${kind}`
}
