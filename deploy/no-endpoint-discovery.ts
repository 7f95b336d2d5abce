/**
 * Stands in for @aws-sdk/middleware-endpoint-discovery in the bundles (deploy/esbuild.ts). DynamoDB's client makes a cache of
 * endpoints that it discovers only where that is switched on, and here it never is: 8 KB of each function.
 */
export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config): Config => config

/** Switched on by nothing, whatever the environment says. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
}
