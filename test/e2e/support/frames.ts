/** What a page and the daemon tell each other, before it is sealed and after it is opened. */
import type { Page } from 'playwright-core'

export interface Frame {
  readonly from: 'page' | 'daemon'
  readonly text: string
}

/** From the page's next load on. */
export async function followFrames(page: Page, note: (frame: Frame) => void): Promise<void> {
  await page.exposeFunction('noteFrame', (from: Frame['from'], text: string) => note({ from, text }))
  await page.addInitScript(() => {
    const { noteFrame } = globalThis as unknown as { noteFrame: (from: string, text: string) => void }
    const { encrypt, decrypt } = SubtleCrypto.prototype
    SubtleCrypto.prototype.encrypt = function (...args) {
      noteFrame('page', new TextDecoder().decode(args[2]))
      return encrypt.apply(this, args)
    }
    SubtleCrypto.prototype.decrypt = async function (...args) {
      const opened = await decrypt.apply(this, args)
      noteFrame('daemon', new TextDecoder().decode(opened))
      return opened
    }
  })
}
