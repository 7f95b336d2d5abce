import { writeFileSync } from 'node:fs'
import { FileError } from '../shared/config/problem.ts'

/** Writes the file of `--out`, or of another option. @throws {FileError} when it can't be written. */
export function writeOut(path: string, text: string, option = '--out'): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new FileError(`${option} ${path}: cannot write it: ${(error as Error).message}`)
  }
}
