import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { lifeInSlack } from './pictures/life-in-slack.ts'

/*
 * Takes the pictures in docs/ that show what people see: `npm run pictures`. It needs Chromium, by that name or as
 * $CHROMIUM, and the font Lato (Debian: chromium, fonts-lato). Each picture says in itself of which page it was taken, so that
 * a test notices when that has become another (test/pictures.test.ts).
 */

/** The page of each picture, and its height in CSS pixels. */
export const PICTURES: Record<string, { page: () => string; width: number; height: number }> = {
  'docs/slack-life.png': { page: lifeInSlack, width: 1480, height: 795 },
}

const KEYWORD = 'page-sha256'
const AFTER_HEAD = 8 + 25

export function digestOf(page: string): string {
  return createHash('sha256').update(page).digest('hex')
}

/** Of which page a picture was taken; `undefined` if it does not say. */
export function takenOf(picture: Buffer): string | undefined {
  const at = picture.indexOf(`tEXt${KEYWORD}\0`, 0, 'latin1')
  if (at < 0) return undefined
  const from = at + 4 + KEYWORD.length + 1
  return picture.toString('latin1', from, from + 64)
}

/** With a tEXt chunk behind the head (Portable Network Graphics, W3C, 11.3.3). */
function saying(picture: Buffer, digest: string): Buffer {
  const named = Buffer.from(`tEXt${KEYWORD}\0${digest}`, 'latin1')
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(named.length - 4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([picture.subarray(0, AFTER_HEAD), length, named, check, picture.subarray(AFTER_HEAD)])
}

function take(file: string, { page, width, height }: (typeof PICTURES)[string]): void {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
  try {
    const html = page()
    const [from, to] = [join(folder, 'page.html'), join(folder, 'page.png')]
    writeFileSync(from, html)
    const program = process.env.CHROMIUM ?? 'chromium'
    const args = ['--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=1.5']
    const size = `--window-size=${width},${height}`
    const { error } = spawnSync(program, [...args, size, `--user-data-dir=${folder}`, `--screenshot=${to}`, from])
    if (error) throw new Error(`${program} did not start: ${error.message}. Install Chromium, or set CHROMIUM.`)
    writeFileSync(file, saying(readFileSync(to), digestOf(html)))
    process.stdout.write(`${file}\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) for (const [file, picture] of Object.entries(PICTURES)) take(file, picture)
