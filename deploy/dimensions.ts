/** A metric's dimensions, as CloudFormation has them. */
export function dimensionsOf(of: Record<string, unknown>): { Name: string; Value: unknown }[] {
  return Object.entries(of).map(([Name, Value]) => ({ Name, Value }))
}
