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
 * Parts of packages that a function never needs, by their path in `node_modules`, and what stands for them. Together some 4 ms
 * of each cold start.
 */
const LEFT_OUT: Record<string, (text: string) => string> = {
  // A function is configured by its environment: it has no ~/.aws, and Node's own reader of files need not be loaded.
  '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js': () => `
    export const CONFIG_PREFIX_SEPARATOR = '.'
    export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} })`,
  // The original names ReadableStream and Blob, which loads them; an object of theirs has loaded them before.
  '@smithy/core/dist-es/submodules/serde/util-stream/stream-type-check.js': () => `
    export const isReadableStream = (stream) => stream?.constructor?.name === 'ReadableStream'
    export const isBlob = (blob) => /^(Blob|File)$/.test(blob?.constructor?.name ?? '')`,
  // JSON Schemas are written by the command line.
  'zod/v4/core/json-schema-processors.js': withoutJsonSchema,
  'zod/v4/core/to-json-schema.js': withoutJsonSchema,
}

/** zod's schemas name these when they are made: each gives a function that says that it is left out. */
function withoutJsonSchema(text: string): string {
  const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name)
  const said = 'this bundle has no JSON Schema: deploy/esbuild.ts leaves it out'
  const none = `const none = () => () => { throw new Error('${said}') }`
  return [none, ...names.map((name) => `export { none as ${name} }`)].join('\n')
}

const leftOut: Plugin = {
  name: 'left-out',
  setup({ onLoad, onResolve }) {
    // The table's wait between attempts is all that is used of it.
    onResolve({ filter: /^@smithy\/core\/retry$/ }, ({ importer }) => {
      const isTable = /[\\/]shared[\\/]aws[\\/]table\.[jt]s$/.test(importer)
      return isTable ? { path: here('../shared/aws/direct/retry') } : undefined
    })
    onLoad({ filter: /[\\/](?:@smithy|zod)[\\/].*\.js$/ }, ({ path }) => {
      const [, inModules = ''] = /.*[\\/]node_modules[\\/](.*)/.exec(path) ?? []
      const standIn = LEFT_OUT[inModules.replaceAll('\\', '/')]
      return standIn && { contents: standIn(readFileSync(path, 'utf8')), loader: 'js' }
    })
  },
}

/**
 * What most alerts do not need: RE2 for what is no simple expression, cron for windows, Mustache for templates; the schemas
 * of pushed rules, and of messages of an earlier version; and the readers of what is no alarm. Each of ours is pure:
 * it has its own copy of its imports.
 */
const LATE = [
  ...['re2js', 'croner', 'mustache'].map((name) => `[\\\\/]node_modules[\\\\/]${name}[\\\\/].*\\.m?js$`),
  ...['live-config[\\\\/]pushed', 'deliver[\\\\/]earlier', 'parse[\\\\/]others'].map(
    (name) => `[\\\\/]shared[\\\\/]${name}\\.[jt]s$`,
  ),
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
    // The clients on an alert's way, without the SDK that they share: a third of a cold start, half of a warm alert.
    ...Object.fromEntries(
      ['appconfigdata', 'dynamodb', 'secrets-manager', 'sns', 'sqs'].map((name) => [
        `@aws-sdk/client-${name}`,
        here(`../shared/aws/direct/${name}`),
      ]),
    ),
  },
  plugins: [versionsAlone, leftOut, lateAsText],
  // The SDK is bundled too: Lambda's own changes its version every month, and loads no faster.
  external: [],
  // No source maps: they would triple a zip, for stack traces of errors that already name their origin.
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions
