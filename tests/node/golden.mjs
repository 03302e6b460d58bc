// Golden cases: nested lists with null for NaN, to tensors.

const SMALLEST_FLOAT32 = 2 ** -126 // a series may forecast nothing but a bound of 0

const ARRAYS = {
  float32: (numbers) => Float32Array.from(numbers, (number) => number ?? NaN),
  int64: (numbers) => BigInt64Array.from(numbers, BigInt),
}

/** A tensor of nested lists. dtype: float32, where null is NaN, or int64. */
export function toTensor(ort, dtype, nested) {
  return new ort.Tensor(dtype, ARRAYS[dtype](nested.flat(Infinity)), shapeOf(nested))
}

/** Tensors by name. inputs: the dtypes and shapes that the manifest gives for a graph. */
export function toTensors(ort, inputs, values) {
  const named = Object.entries(inputs).map(([name, { dtype }]) => [name, toTensor(ort, dtype, values[name])])
  return Object.fromEntries(named)
}

/**
 * Largest difference of a series, or a channel of it, in units of its largest value; the largest of these.
 * found, expected: flat, of [batch, horizon, quantile] or [batch, horizon, channel, quantile], which is dims.
 */
export function relativeError(found, expected, dims) {
  const [levels, channels] = [dims.at(-1), dims.length === 4 ? dims[2] : 1]
  const size = expected.length / dims[0]
  const differences = new Float64Array(dims[0] * channels)
  const largest = new Float64Array(dims[0] * channels).fill(SMALLEST_FLOAT32)
  for (let i = 0; i < expected.length; i++) {
    const row = Math.floor(i / size) * channels + (Math.floor(i / levels) % channels)
    differences[row] = Math.max(differences[row], Math.abs(found[i] - expected[i])) // NaN stays
    largest[row] = Math.max(largest[row], Math.abs(expected[i]))
  }
  return Math.max(...differences.map((difference, row) => difference / largest[row]))
}

function shapeOf(nested) {
  return Array.isArray(nested) ? [nested.length, ...shapeOf(nested[0])] : []
}
