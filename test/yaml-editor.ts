import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Position {
  line: number
  character: number
}

/** A place that is underlined, and why. */
export interface Underlined {
  text: string
  line: number
  message: string
}

/** A file that is open in an editor. Lines and characters count from 0. */
export interface OpenFile {
  underlined(): Promise<Underlined[]>
  /** The labels of what is offered there. */
  offered(at: Position): Promise<string[]>
  /** What is shown when the mouse is there. */
  shown(at: Position): Promise<string>
}

type Message = { id?: number; method?: string; params?: unknown; result?: unknown; error?: { message: string } }

/** What the editor asks of the server: no schema of a store, which would need the network. */
const SETTINGS = { validate: true, hover: true, completion: true, schemaStore: { enable: false } }

/** An editor with YAML's language server, that which VS Code's YAML extension has, over its standard input and output. */
export async function startYamlEditor() {
  const cli = resolve('node_modules/yaml-language-server/bin/yaml-language-server')
  const server = spawn(process.execPath, [cli, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = new Map<number, (message: Message) => void>()
  const diagnostics = new Map<string, (found: Diagnostic[]) => void>()
  let lastId = 0

  const send = (message: Message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const request = (method: string, params: unknown) =>
    new Promise<unknown>((done, fail) => {
      const id = ++lastId
      answers.set(id, ({ result, error }) => (error ? fail(new Error(`${method}: ${error.message}`)) : done(result)))
      send({ id, method, params })
    })

  eachMessage(server.stdout, ({ id, method, params, ...answer }) => {
    if (method === undefined) {
      answers.get(id ?? 0)?.(answer)
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics: found } = params as { uri: string; diagnostics: Diagnostic[] }
      diagnostics.get(uri)?.(found)
    } else if (id !== undefined) {
      const { items = [] } = (params ?? {}) as { items?: { section: string }[] }
      const result = items.map(({ section }) => (section === 'yaml' ? SETTINGS : {}))
      send({ id, result: method === 'workspace/configuration' ? result : null })
    }
  })

  await request('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL('.').href,
    capabilities: {
      workspace: { configuration: true },
      textDocument: { completion: { completionItem: {} }, hover: { contentFormat: ['plaintext'] } },
    },
  })
  send({ method: 'initialized', params: {} })

  return {
    /** Opens a text as if it were in that file. */
    open(file: string, text: string): OpenFile {
      const uri = pathToFileURL(file).href
      const found = new Promise<Diagnostic[]>((done) => diagnostics.set(uri, done))
      send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } })
      const ask = async (method: string, position: Position) => {
        await found
        return request(`textDocument/${method}`, { textDocument: { uri }, position })
      }
      return openFile(text, found, ask)
    },
    async close() {
      await request('shutdown', null)
      send({ method: 'exit' })
      await once(server, 'close')
    },
  }
}

interface Diagnostic {
  message: string
  range: { start: Position; end: Position }
}

/** `ask`: what the server says of a place in it. */
function openFile(
  text: string,
  found: Promise<Diagnostic[]>,
  ask: (method: string, position: Position) => Promise<unknown>,
): OpenFile {
  const lines = text.split('\n')
  return {
    underlined: async () =>
      (await found).map(({ message, range: { start, end } }) => ({
        text: (lines[start.line] ?? '').slice(start.character, start.line === end.line ? end.character : undefined),
        line: start.line,
        message,
      })),
    async offered(at) {
      const { items } = (await ask('completion', at)) as { items: { label: string }[] }
      return items.map(({ label }) => label)
    },
    async shown(at) {
      const hover = (await ask('hover', at)) as { contents: { value: string } } | null
      return hover?.contents.value ?? ''
    },
  }
}

/** Each has its length in front, in bytes. */
function eachMessage(stream: NodeJS.ReadableStream, onMessage: (message: Message) => void): void {
  let rest = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const start = rest.indexOf('\r\n\r\n') + 4
      const [, length] = /Content-Length: (\d+)/i.exec(rest.subarray(0, Math.max(0, start)).toString()) ?? []
      if (length === undefined || rest.length < start + Number(length)) return
      onMessage(JSON.parse(rest.subarray(start, start + Number(length)).toString()))
      rest = rest.subarray(start + Number(length))
    }
  })
}
