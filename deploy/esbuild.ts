import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'

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

/**
 * What most alerts do not need: RE2 for what is no simple expression, cron for windows, Mustache for templates; and the
 * schemas of pushed rules, and of messages of an earlier version. Each of ours is pure: it has its own copy of its imports.
 */
const LATE = [
  ...['re2js', 'croner', 'mustache'].map((name) => `[\\\\/]node_modules[\\\\/]${name}[\\\\/].*\\.m?js$`),
  ...['live-config[\\\\/]pushed', 'deliver[\\\\/]earlier'].map((name) => `[\\\\/]shared[\\\\/]${name}\\.[jt]s$`),
]

/**
 * V8 reads all of a bundle at each cold start, some 4 ms for 100 KB, also what is never called. A text it only scans: so these
 * are texts in the bundle, and evaluated at their first use.
 */
export const lateAsText: Plugin = {
  name: 'late-as-text',
  setup({ onLoad, initialOptions }) {
    const { minify, target, mainFields } = initialOptions
    onLoad({ filter: new RegExp(LATE.join('|')) }, async ({ path }) => {
      const own: BuildOptions & { write: false } = { ...{ minify, target, mainFields }, bundle: true, write: false }
      const from = { ...own, entryPoints: [path], platform: 'node' as const }
      const [asText, asModule] = await Promise.all([
        build({ ...from, format: 'cjs' }),
        build({ ...from, format: 'esm', metafile: true }),
      ])
      const names = Object.values(asModule.metafile.outputs).flatMap(({ exports }) => exports)
      return { contents: evaluatedLate(asText.outputFiles[0]?.text ?? '', names), loader: 'js' }
    })
  },
}

/** A module whose exports stand for those of the text, and evaluate it when one is first called or asked for something. */
function evaluatedLate(text: string, names: string[]): string {
  return `
    let known
    const load = () => {
      if (known) return known
      const module = { exports: {} }
      new Function('module', 'exports', 'require', ${JSON.stringify(text)})(module, module.exports, require)
      return known = module.exports
    }
    const late = (name) => new Proxy(function () {}, {
      get: (_, key) => load()[name][key],
      apply: (_, self, given) => Reflect.apply(load()[name], self, given),
      construct: (_, given) => Reflect.construct(load()[name], given),
    })
    ${names.map((name, n) => `const late${n} = /* @__PURE__ */ late('${name}'); export { late${n} as ${name} }`).join('\n')}`
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
  plugins: [versionsAlone, lateAsText],
  // The SDK is bundled too: Lambda's own changes its version every month, and loads no faster.
  external: [],
  // No source maps: they would triple a zip, for stack traces of errors that already name their origin.
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions
