/**
 * Replaces @aws-sdk/middleware-endpoint-discovery in the bundles (deploy/esbuild.ts). DynamoDB's client caches
 * discovered endpoints only where discovery is switched on, and here it never is: 8 KB of each function.
 */
export const resolveEndpointDiscoveryConfig = <Config extends object>(config: Config): Config => config

/** Always off, whatever the environment says. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
}
