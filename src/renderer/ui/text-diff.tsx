/** The difference of two texts by lines. What computes it is loaded when the first one is shown. */
import { useEffect, useState } from 'react'
import { strings } from '../strings.ts'
import { DiffLines } from './diff-lines.tsx'
import { Waiting } from './spinner.tsx'
import type { DiffLine } from './diff-lines.tsx'

interface TextDiffProps {
  readonly before: string
  readonly after: string
  readonly label: string
  readonly isCode?: boolean
}

export function TextDiff({ before, after, label, isCode = false }: TextDiffProps) {
  const [lines, setLines] = useState<readonly DiffLine[] | null>(null)
  useEffect(() => {
    let isWanted = true
    const show = async () => {
      const { diffLines } = await import('./diff-text.ts')
      const found = diffLines(before, after)
      if (isWanted) setLines(found)
    }
    void show()
    return () => {
      isWanted = false
    }
  }, [before, after])
  if (lines === null) return <Waiting>{strings.common.loading}</Waiting>
  return <DiffLines lines={lines} label={label} isCode={isCode} />
}
