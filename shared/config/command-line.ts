/**
 * A command as a user types it: `npx alert-router rules check`. The same in a clone and in a team's own repository,
 * where the router is a dependency.
 */
export function commandLine(command: string): string {
  return `npx alert-router ${command}`
}
