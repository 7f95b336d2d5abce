import { worldOf } from './simulation/generate.ts'
import { run, deployedCode } from './simulation/run.ts'
import { shrink, kindOf } from './simulation/shrink.ts'
import { judge } from './simulation/judge.ts'
import { storyOf } from './simulation/story.ts'
import z from 'node:zlib'
await deployedCode()
const seed = Number(process.argv[2])
let w = worldOf(seed)
const r0 = await run(w, {})
const broken = judge(r0)
console.log(broken)
if (!broken.length) process.exit()
if (!process.argv.includes('--full')) w = await shrink(w, kindOf(broken[0]), async c => judge(await run(c)))
const { config, ...rest } = w
console.log('CONFIG', JSON.stringify(config))
console.log(JSON.stringify(rest.inputs)); console.log(JSON.stringify(rest.spells), JSON.stringify(rest.redrives), JSON.stringify(rest.deploys), JSON.stringify(rest.most), JSON.stringify(rest.pushes))
const r = await run(w, {withLogs: process.argv.includes('--logs')})
console.log(storyOf(r, judge(r), true))
for (const t of r.taken) console.log(t.at - r.startedAt, t.type, t.target, t.isAnswered, JSON.stringify(t.body).slice(0,300))
for (const i of r.items) { const d = i.doc?.B ?? i.doc?.S; if (d) console.log(i.pk.S, i.doc.B ? z.inflateRawSync(Buffer.from(d,'base64')).toString() : d); else console.log(i.pk.S, i.sk.S, i.severity?.S, i.outcome?.S, JSON.stringify(i.because?.L?.map(x=>x.S))) }
