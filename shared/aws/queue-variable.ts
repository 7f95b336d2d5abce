/**
 * What the variables of a queue's URLs begin with, in the environment of the functions that use it: `SLACK_APP` of
 * SLACK_APP_QUEUE_URL and SLACK_APP_DEAD_LETTERS_URL.
 */
export function queueVariable(queue: string): string {
  return queue.toUpperCase().replaceAll('-', '_')
}
