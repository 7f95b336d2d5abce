import { createRequire } from 'node:module'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { build, type Plugin } from 'esbuild'
import { bundling, lateAsText } from '../../deploy/esbuild.ts'
import { GLOBALS, MODULES } from './globals.ts'

/*
 * The product's own code, evaluated for each container, so that each has its own circuits, caches, clients and
 * rules; and its packages, bundled as for Lambda, evaluated once. schemas/ has no state and takes most of the time,
 * so it counts as a package.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const require = createRequire(import.meta.url)

/** Parts of the SDK that worlds use directly. */
const BELOW = ['@smithy/node-http-handler', '@smithy/signature-v4']

/** The exports of a function's module. */
export interface FunctionModule {
  handler: (event: unknown, context: unknown) => Promise<unknown>
}

/** The code of some functions, ready to evaluate. */
export interface Code {
  has(name: string): boolean
  /** A function as in a new process. */
  start(name: string): FunctionModule
  /** The packages, shared by all functions. */
  readonly packages: Record<string, unknown>
  packaged(name: string): Record<string, unknown>
}

type Evaluate = (module: { exports: Exports }, require: (name: string) => unknown, ...globals: unknown[]) => void
type Exports = Record<string, unknown>

interface LoadOptions {
  /** Changed sources, by their path from the root. */
  changed?: Map<string, string>
  /** Other code with the same packages, to reuse their bundle. */
  like?: Code
}

/** Bundles functions, by their names: files of `functions/`, or any other by its path from the root. */
export async function loadCode(
  functions: Record<string, string>,
  { changed = new Map(), like }: LoadOptions = {},
): Promise<Code> {
  const product = await bundle(
    Object.entries(functions).map(
      ([name, path]) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(resolve(ROOT, path))})`,
    ),
    { packages: 'external', plugins: [schemasApart, overlay(changed)] },
  )
  const names = [...product.external].filter((name) => !isBuiltin(name))
  const packaged = like?.packages ?? (await loadPackages([...names, ...BELOW]))
  const evaluate = compile(product.text, 'product.js')
  const required = new Map(names.map((name) => [name, asRequired(packaged[name] as Exports)]))
  const find = (name: string) => (isBuiltin(name) ? builtin(name) : required.get(name))
  return {
    has: (name) => Object.hasOwn(functions, name),
    start: (name) => (run(evaluate, find)[name] as () => FunctionModule)(),
    packages: packaged,
    packaged: (name) => packaged[name] as Exports,
  }
}

async function loadPackages(names: string[]): Promise<Exports> {
  const { text } = await bundle(
    names.map((name, n) => `import * as m${n} from ${JSON.stringify(name)}; exports[${JSON.stringify(name)}] = m${n}`),
    {},
  )
  return run(compile(text, 'packages.js'), builtin)
}

/** Sources that replace those on disk. */
const overlay = (changed: Map<string, string>): Plugin => ({
  name: 'overlay',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const contents = changed.get(relative(ROOT, path))
      return contents === undefined ? undefined : { contents, loader: 'ts' }
    })
  },
})

/**
 * Node uses the result of `require` as a package's default, and so does esbuild: here that is the default itself,
 * with the package's other exports as properties.
 */
function asRequired({ default: main, ...named }: Exports): unknown {
  if (typeof main === 'function') return Object.assign((...given: unknown[]) => main(...given), named)
  if (typeof main !== 'object' || main === null) return named
  // Defined, not assigned: a property of `main` that only has a getter would reject it.
  const values = Object.entries(named).map(([name, value]) => [name, { value, enumerable: true }])
  return Object.create(main, Object.fromEntries(values))
}

const isBuiltin = (name: string) => name.startsWith('node:') || name === 'crypto' || name === 'fs'

function builtin(name: string): unknown {
  return MODULES[name.replace(/^node:/, '')] ?? require(name)
}

/** A world's network is below `fetch`, and below what the functions call AWS with. */
const networkOfWorld: Plugin = {
  name: 'network-of-world',
  setup({ onLoad }) {
    const replace = (filter: RegExp, contents: string) => onLoad({ filter }, () => ({ contents, loader: 'ts' }))
    replace(/shared.channels.https-fetch\.ts$/, 'export const httpsFetch = (...given) => fetch(...given)')
    replace(/shared.aws.direct.exchange\.ts$/, 'export const exchange = (...given) => callAws(...given)')
  },
}

/** The schemas, by the path in the packages' bundle. */
const schemasApart: Plugin = {
  name: 'schemas-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/schemas\/[\w-]+\.ts$/ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./schemas/${path.split('/schemas/')[1]}`, external: true },
    )
  },
}

async function bundle(lines: string[], { plugins = [], ...options }: { packages?: 'external'; plugins?: Plugin[] }) {
  const { outputFiles, metafile } = await build({
    ...bundling,
    minify: false,
    ...options,
    // All packages run by the world's clock: none is evaluated apart.
    plugins: [...bundling.plugins.filter((one) => one !== lateAsText), networkOfWorld, ...plugins],
    stdin: { contents: lines.join('\n'), resolveDir: ROOT, loader: 'js' },
    write: false,
    metafile: true,
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
  const external = new Set(imports.flatMap((one) => (one.external ? [one.path] : [])))
  return { text: outputFiles[0]?.text ?? '', external }
}

function compile(text: string, filename: string): Evaluate {
  const parameters = ['module', 'require', ...Object.keys(GLOBALS)].join(', ')
  const source = `(function (${parameters}) { const exports = module.exports; ${text}\n})`
  return new Script(source, { filename }).runInThisContext()
}

function run(evaluate: Evaluate, find: (name: string) => unknown): Exports {
  const module = { exports: {} }
  evaluate(module, find, ...Object.values(GLOBALS))
  return module.exports
}
