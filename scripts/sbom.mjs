/** `npm run sbom`: writes what is shipped as a bill of materials (CycloneDX) to out/sbom.cdx.json. */
import { dirname, join, relative } from 'node:path'
import { writeSoftwareBill } from './lib/sbom.mjs'

const root = dirname(import.meta.dirname)
const file = join(root, 'out', 'sbom.cdx.json')
const count = writeSoftwareBill(root, file)
console.log(`${relative(root, file)}: ${count} packages`)
