// The canonical JSON that the digest of a manifest is taken of: keys sorted by code point, no spaces, ASCII.

/** Canonical form of a JSON text. Numbers stay as they are written: 3600.0 and 3600 are not the same. */
export function canonical(text, without = []) {
  const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
  const marked = text.replace(token, (found) => (found[0] === '"' ? found : `"\\u0000${found}"`))
  const content = JSON.parse(marked)
  for (const name of without) delete content[name]
  return write(content)
}

function write(value) {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value === 'string') return value[0] === '\0' ? value.slice(1) : quote(value)
  if (value === null || typeof value !== 'object') return String(value)
  const names = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `{${names.map((name) => `${quote(name)}:${write(value[name])}`).join(',')}}`
}

function quote(text) {
  const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, escape)
}
