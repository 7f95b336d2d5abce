import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'

/** A file of ours by its path from here, without its extension: it is as this one's. */
const here = (path: string) => fileURLToPath(new URL(path + extname(import.meta.url), import.meta.url))

/** Each client of the SDK carries the whole of its package.json, for the version that it tells AWS: 2 KB a client. */
const versionsAlone: Plugin = {
  name: 'versions-alone',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/** How a function is bundled, for packaging and for measuring alike. */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  // As a module it would start some 3 ms later: Node makes a full copy of each of its own modules that one imports.
  format: 'cjs',
  outExtension: { '.js': '.js' },
  minify: true,
  // Before `main`, which is CommonJS, of which nothing can be left out: a third smaller.
  mainFields: ['module', 'main'],
  alias: {
    // PagerDuty's client brings a fetch of its own; Node has one.
    'cross-fetch': here('../shared/channels/pagerduty/native-fetch'),
    // The SDK's search for credentials in files, in SSO, in metadata services: 133 KB and 35 ms at each cold start.
    '@aws-sdk/credential-provider-node': here('env-credentials'),
    '@smithy/core/event-streams': here('no-event-streams'),
    '@aws-sdk/middleware-endpoint-discovery': here('no-endpoint-discovery'),
  },
  plugins: [versionsAlone],
  // The SDK is bundled too: Lambda's own is another version each month, and loads no faster.
  external: [],
  // No source maps: they would make a zip three times as large, for stack traces of errors that say where they are from.
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

/** The same in the words of serverless-esbuild, which `require`s this file and expects a function. */
function forServerless() {
  const { outExtension, ...options } = bundling
  // skipRebuild: else a bundle that fails leaves esbuild running, and serverless never ends.
  return { ...options, outputFileExtension: outExtension['.js'], exclude: [], skipRebuild: true }
}

export { forServerless as 'module.exports' }
