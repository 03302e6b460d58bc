// One series through forecast.onnx, with onnxruntime-web or onnxruntime-node, given as `ort`.

/** Opens a graph, from its bytes or, in a browser, its URL. */
export function open(ort, graph) {
  return ort.InferenceSession.create(graph)
}

/** Quantiles of one series: for each step of the horizon one number a level, in the data's units. */
export async function forecast(ort, session, history, horizon) {
  const { quantiles } = await session.run({
    history: new ort.Tensor('float32', Float32Array.from(history), [1, history.length]), // NaN: missing
    lengths: new ort.Tensor('int64', BigInt64Array.of(BigInt(history.length)), [1]),
    horizon: new ort.Tensor('int64', BigInt64Array.of(BigInt(horizon)), [1]),
  })
  const [, , levels] = quantiles.dims
  return Array.from({ length: horizon }, (_, step) => {
    return quantiles.data.slice(step * levels, (step + 1) * levels)
  })
}
