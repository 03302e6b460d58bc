// A bundle, read and checked: every file against the manifest, and the manifest against its digest.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonical } from './canonical.mjs'

/** The manifest, and the bytes of every file that it lists. Throws an Error that names what is damaged. */
export async function readBundle(folder) {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8')
  const manifest = JSON.parse(text)
  if (sha256(canonical(text, ['digest'])) !== manifest.digest) {
    throw new Error(`${folder}/manifest.json was changed: its digest does not match`)
  }
  const files = {}
  for (const [name, expected] of Object.entries(manifest.files)) {
    files[name] = await readFile(join(folder, name))
    if (files[name].length !== expected.bytes || sha256(files[name]) !== expected.sha256) {
      throw new Error(`${folder}/${name} is damaged: its size or its sha256 is not that of the manifest`)
    }
  }
  return { manifest, files }
}

function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}
