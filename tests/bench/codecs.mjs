// How fast are the codes in wasm? node tests/bench/codecs.mjs ENGINE.wasm DUMP [LEAVES]
//
// Prints million numbers per second of processor time, the median of nine runs, for small chunks
// and for full ones. The clock is Linux's for the main thread, so that other programs on the
// machine are not counted.
import { readFileSync } from 'node:fs'

const NAMES = [
  'documents, Rice',
  'documents, interpolative (today)',
  'documents, frames of 128',
  'frequencies, Rice',
  'frequencies, interpolative sums (today)',
  'positions, Rice (today)',
  'positions, Rice by rounded length',
  'positions, interpolative by rounded length',
]
const RUNS = 9

const [engine, dump, leaves] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(engine), {})
const wasm = instance.exports
load(dump)

function load(file) {
  const bytes = readFileSync(file)
  const at = wasm.room(bytes.length)
  new Uint8Array(wasm.memory.buffer).set(bytes, at)
}

function milliseconds() {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

function speed(code) {
  const numbers = wasm.numbers(code)
  if (numbers === 0) return '–'
  const run = (count) => {
    const start = milliseconds()
    for (let i = 0; i < count; i++) wasm.decode(code)
    return milliseconds() - start
  }
  // The clock moves in steps of some milliseconds.
  let count = 1
  while (run(count) < 100) count *= 2
  const times = Array.from({ length: RUNS }, () => run(count))
  const median = times.sort((a, b) => a - b)[RUNS >> 1] / count
  return (numbers / median / 1000).toFixed(0)
}

const columns = [0, 1].map((full) => {
  wasm.prepare(full)
  return NAMES.map((_, code) => speed(code))
})
console.log('| million numbers per second | fewer than 128 documents | rows of 128 |\n|---|---:|---:|')
NAMES.forEach((name, code) => console.log(`| ${name} | ${columns[0][code]} | ${columns[1][code]} |`))
if (leaves) timeLeaves()

function timeLeaves() {
  load(leaves)
  const time = (key) => {
    const start = process.hrtime.bigint()
    if (!wasm.find(key)) throw new Error('a key is not in its leaf')
    return Number(process.hrtime.bigint() - start) / 1000
  }
  const best = (key) => Math.min(time(key), time(key), time(key))
  const all = Float64Array.from({ length: wasm.prepare_leaves() }, (_, key) => best(key)).sort()
  const at = (share) => all[Math.floor((all.length - 1) * share)].toFixed(1)
  console.log('\n| µs to find a key in its leaf | median | 99 % | most |\n|---|---:|---:|---:|')
  console.log(`| ${all.length} keys | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`)
}
