// The free-running loop over encoder.onnx and decoder_step.onnx, with any package of ONNX Runtime:
// onnxruntime-web or onnxruntime-node, given as `ort`.

const MISSING_TIME = -(2n ** 63n)

/**
 * Quantiles as forecast.onnx gives them: a flat Float32Array of [batch, horizon, ...] in the data's units.
 * sessions: { encoder, decoderStep }; history, future: tensors by the names of the inputs.
 */
export async function freeRun(ort, sessions, history, future, horizon, patchLength) {
  const { h, c, previous, ...constant } = await sessions.encoder.run(history)
  let state = { h, c, previous }
  const patches = []
  for (let step = 0; step * patchLength < horizon; step++) {
    const outputs = await sessions.decoderStep.run({
      ...constant, // location, scale, and highway and static_state if the model has them
      ...state,
      ...futurePatch(ort, future, step, patchLength),
      step: new ort.Tensor('int64', BigInt64Array.of(BigInt(step)), [1]),
    })
    patches.push(outputs.quantiles)
    state = { h: outputs.next_h, c: outputs.next_c, previous: outputs.feedback }
  }
  return joinPatches(patches, horizon, patchLength)
}

/** What is known of one patch of the future; steps beyond the horizon are missing. */
function futurePatch(ort, future, step, patchLength) {
  const patch = {}
  for (const [name, { type, data, dims }] of Object.entries(future)) {
    const [batch, horizon, ...rest] = dims
    const width = rest.reduce((product, size) => product * size, 1)
    const values = new data.constructor(batch * patchLength * width)
    values.fill(type === 'int64' ? MISSING_TIME : NaN)
    const begin = step * patchLength
    const end = Math.min(begin + patchLength, horizon)
    for (let row = 0; row < batch; row++) {
      const from = row * horizon * width
      const known = data.subarray(from + begin * width, from + end * width)
      values.set(known, row * patchLength * width)
    }
    patch[name] = new ort.Tensor(type, values, [batch, patchLength, ...rest])
  }
  return patch
}

/** Patches [batch, patch, ...] one after the other in time, the steps beyond the horizon left out. */
function joinPatches(patches, horizon, patchLength) {
  const [batch, , ...rest] = patches[0].dims
  const width = rest.reduce((product, size) => product * size, 1)
  const joined = new Float32Array(batch * horizon * width)
  patches.forEach(({ data }, step) => {
    const steps = Math.min(patchLength, horizon - step * patchLength)
    for (let row = 0; row < batch; row++) {
      const from = row * patchLength * width
      const to = (row * horizon + step * patchLength) * width
      joined.set(data.subarray(from, from + steps * width), to)
    }
  })
  return joined
}
