// Every bundle of the tests, replayed by ONNX Runtime's WebAssembly build.

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import * as ort from 'onnxruntime-web'
import { readBundle } from './bundle.mjs'
import { canonical } from './canonical.mjs'
import * as example from './example.mjs'
import { relativeError, toTensor, toTensors } from './golden.mjs'
import { freeRun } from './loop.mjs'

const BUNDLES = join(import.meta.dirname, '..', 'deploy', 'bundles')
const METHODS_AGREE = 1e-5 // the two ways through a bundle round differently
const MISSING_TIME = -(2n ** 63n)
const FUTURE = ['future_timestamps', 'future_known']

ort.env.wasm.numThreads = 1

for (const name of readdirSync(BUNDLES)) {
  describe(name, async () => {
    const { manifest, files } = await readBundle(join(BUNDLES, name))
    const open = (file) => ort.InferenceSession.create(files[file])
    const forecast = await open('forecast.onnx')
    const sessions = { encoder: await open('encoder.onnx'), decoderStep: await open('decoder_step.onnx') }
    const inputs = manifest.graphs['forecast.onnx'].inputs
    const golden = JSON.parse(files['golden.json'])
    const cases = golden.cases.map((item) => toTensors(ort, inputs, item.inputs))

    test('forecast.onnx gives the golden quantiles', async () => {
      for (const [number, tensors] of cases.entries()) {
        const { quantiles } = await forecast.run(tensors)
        const expected = toTensor(ort, 'float32', golden.cases[number].outputs.quantiles)
        assert.deepEqual(quantiles.dims, expected.dims)
        const error = relativeError(quantiles.data, expected.data, expected.dims)
        assert.ok(error <= golden.tolerance, `case ${number} differs by ${error}`)
      }
    })

    test('the loop over decoder_step.onnx gives the quantiles of forecast.onnx', async () => {
      for (const tensors of cases) await assertLoopAgrees(tensors)
    })

    test('series whose times are unknown have forecasts, and leave those of the others alone', async (t) => {
      const tensors = cases[0]
      if (!tensors.timestamps) return t.skip('the model uses no calendar')
      const { quantiles: known } = await forecast.run(tensors)
      const unknown = { ...tensors, ...withoutTimes(tensors) }
      const { quantiles } = await forecast.run(unknown)
      const size = quantiles.data.length / quantiles.dims[0]
      assert.ok(quantiles.data.every(Number.isFinite))
      assert.notDeepEqual(quantiles.data.subarray(0, size), known.data.subarray(0, size))
      assert.deepEqual(quantiles.data.subarray(size), known.data.subarray(size))
      await assertLoopAgrees(unknown)
    })

    async function assertLoopAgrees(tensors) {
      const { quantiles } = await forecast.run(tensors)
      const horizon = Number(tensors.horizon.data[0])
      const [history, future] = sides(tensors)
      const found = await freeRun(ort, sessions, history, future, horizon, manifest.patch_length)
      const error = relativeError(found, quantiles.data, quantiles.dims)
      assert.ok(error <= METHODS_AGREE, `the loop differs by ${error}`)
    }
  })
}

test('the example of the documentation forecasts the golden case of one series', async () => {
  const { files } = await readBundle(join(BUNDLES, 'plain'))
  const { tolerance, cases } = JSON.parse(files['golden.json'])
  const { inputs, outputs } = cases.find((item) => item.inputs.history.length === 1)
  const history = inputs.history[0].map((value) => value ?? NaN)
  const session = await example.open(ort, files['forecast.onnx'])
  const found = await example.forecast(ort, session, history.slice(0, inputs.lengths[0]), inputs.horizon[0])
  const expected = toTensor(ort, 'float32', outputs.quantiles)
  const flat = found.flatMap((levels) => [...levels])
  assert.ok(relativeError(flat, expected.data, expected.dims) <= tolerance)
})

test('a bundle with another byte in a file, or another number in its manifest, is refused', async (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'bundle-'))
  t.after(() => rmSync(copy, { recursive: true }))
  for (const [name, from, to] of [
    ['golden.json', '0', '1'],
    ['manifest.json', '"horizon": 6', '"horizon": 7'],
  ]) {
    cpSync(join(BUNDLES, 'plain'), copy, { recursive: true })
    const changed = readFileSync(join(copy, name), 'utf8').replace(from, to)
    writeFileSync(join(copy, name), changed)
    await assert.rejects(readBundle(copy), { message: new RegExp(`${name} (is damaged|was changed)`) })
  }
})

test('the canonical form keeps numbers as they are written and escapes what is not ASCII', () => {
  const text = '{"b": 3600.0, "a": {"ü": [1e-06, -2, true, null], "A\\"1": "0\\n"}, "digest": "x"}'
  const expected = '{"a":{"A\\"1":"0\\n","\\u00fc":[1e-06,-2,true,null]},"b":3600.0}'
  assert.equal(canonical(text, ['digest']), expected)
})

/** The tensors of the history and those of the future. */
function sides({ horizon: _, ...tensors }) {
  const split = (keep) => Object.fromEntries(Object.entries(tensors).filter(([name]) => keep(name)))
  return [split((name) => !FUTURE.includes(name)), split((name) => FUTURE.includes(name))]
}

/** Both tensors of times, with those of the first series unknown. */
function withoutTimes(tensors) {
  const times = ['timestamps', 'future_timestamps'].map((name) => {
    const { data, dims } = tensors[name]
    const changed = BigInt64Array.from(data, (time, i) => (i < dims[1] ? MISSING_TIME : time))
    return [name, new ort.Tensor('int64', changed, dims)]
  })
  return Object.fromEntries(times)
}
