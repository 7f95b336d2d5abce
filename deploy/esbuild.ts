import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'

/** One of our files, by its path from here without the extension, which is that of this file. */
const here = (path: string) => fileURLToPath(new URL(path + extname(import.meta.url), import.meta.url))

/** Each SDK client bundles its whole package.json, for the version that it sends to AWS: 2 KB a client. */
const versionsAlone: Plugin = {
  name: 'versions-alone',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/** How a function is bundled, for packaging and for measuring. */
export const bundling = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  // As a module it would start some 3 ms later: Node fully copies each of its built-in modules that one imports.
  format: 'cjs',
  outExtension: { '.js': '.js' },
  minify: true,
  // Before `main`, which is CommonJS and can't be tree-shaken: a third smaller.
  mainFields: ['module', 'main'],
  alias: {
    // PagerDuty's client brings its own fetch; Node has one.
    'cross-fetch': here('../shared/channels/pagerduty/native-fetch'),
    // The SDK looks for credentials in files, in SSO, in metadata services: 133 KB and 35 ms at each cold start.
    '@aws-sdk/credential-provider-node': here('env-credentials'),
    '@smithy/core/event-streams': here('no-event-streams'),
    '@aws-sdk/middleware-endpoint-discovery': here('no-endpoint-discovery'),
  },
  plugins: [versionsAlone],
  // The SDK is bundled too: Lambda's own changes its version every month, and loads no faster.
  external: [],
  // No source maps: they would triple a zip, for stack traces of errors that already name their origin.
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

/** The same in the form of serverless-esbuild, which `require`s this file and expects a function. */
function forServerless() {
  const { outExtension, ...options } = bundling
  // skipRebuild: else a bundle that fails leaves esbuild running, and serverless never ends.
  return { ...options, outputFileExtension: outExtension['.js'], exclude: [], skipRebuild: true }
}

export { forServerless as 'module.exports' }
