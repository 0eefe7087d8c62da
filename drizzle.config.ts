/** `npx drizzle-kit generate` writes the next SQL migration of the app's own state from its schema. */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: './src/platform/state/schema.ts',
  out: './src/platform/state/migrations',
})
