/** Programs that close what they have written (port: engine/ports/open-files). */
import type { OpenFiles } from '../../src/engine/ports/open-files.ts'

export const nobodyWrites: OpenFiles = { writersOf: async paths => paths.map(() => 'none') }
