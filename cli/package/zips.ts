import { createWriteStream } from 'node:fs'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { build } from 'esbuild'
import { ZipFile } from 'yazl'
import { bundling } from '../../deploy/esbuild.ts'

/** Sources in a clone, JavaScript in a package: as this file. */
const EXTENSION = extname(import.meta.url)
/** The earliest that a zip can say: the same content is the same zip. */
const NO_TIME = new Date(1980, 0, 1)

/**
 * Bundles a function, and zips it with the files given by their paths. The bundle's path there is the handler's.
 * @param handler `functions/route.handler`, of a source below `folder`
 */
export async function writeZip(
  zipPath: string,
  { folder, handler, files }: { folder: string; handler: string; files: Record<string, string> },
): Promise<void> {
  const path = handler.slice(0, handler.lastIndexOf('.'))
  const entryPoints = [join(folder, path + EXTENSION)]
  const bundled = await build({ ...bundling, entryPoints, outdir: folder, write: false })
  const zip = new ZipFile()
  const add = (name: string, content: Uint8Array) =>
    zip.addBuffer(Buffer.from(content), name, { mtime: NO_TIME, mode: 0o100644, forceDosTimestamp: true })
  for (const [name, text] of Object.entries(files)) add(name, Buffer.from(text))
  for (const { contents } of bundled.outputFiles) add(`${path}.js`, contents)
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(zipPath))
}
