/**
 * Writes metrics for CloudWatch as one line of its embedded metric format.
 *
 * @param values each metric's name and value; a name that ends in `Ms` is in milliseconds, any other a count.
 * @param dimensions what they are of: `{ Channel: 'slack-warning' }`
 */
export function measure(_values: Record<string, number>, _dimensions: Record<string, string> = {}): void {}
