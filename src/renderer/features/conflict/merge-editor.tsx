/**
 * Two panes: on the left one of the versions, on the right the result, which can be edited. Differences are
 * coloured, and each can be taken over from the left.
 *
 * The editors live in a shadow root: there CodeMirror keeps its styles in an adopted style sheet, which the
 * page's policy (style-src 'self', no nonce) allows, while a style element would be refused.
 */
import type { MergeView } from '@codemirror/merge'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { ConflictDetail } from '../../../contract/conflicts.ts'
import { strings } from '../../strings.ts'
import { Callout } from '../../ui/callout.tsx'
import { IconButton } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { goToNextDifference, goToPreviousDifference, openMerge, showVersion } from './codemirror.ts'

const texts = strings.conflict

type Version = 'remote' | 'base' | 'local'
const NAMES: Readonly<Record<Version, string>> = {
  remote: texts.theirs,
  base: texts.base,
  local: texts.mine,
}

interface MergeEditorProps {
  readonly detail: ConflictDetail
  /** The result as it begins. */
  readonly text: string
  readonly onText: (text: string) => void
  /** Before the editor's own controls. */
  readonly toolbar: ReactNode
}

export function MergeEditor({ detail, text, onText, toolbar }: MergeEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<MergeView | null>(null)
  const [version, setVersion] = useState<Version>('remote')
  const [differences, setDifferences] = useState(0)
  const [isBrokenJson, setBrokenJson] = useState(false)
  const versions = (['remote', 'base', 'local'] as const).filter(each => detail[each]?.body.kind === 'text')
  const left = textOf(detail, version)
  const onChange = useEffectEvent((result: string, isEdit: boolean, number: number) => {
    setDifferences(number)
    setBrokenJson(detail.kind === 'json' && !isJson(result))
    if (isEdit) onText(result)
  })
  const open = useEffectEvent((parent: HTMLElement) =>
    openMerge({
      parent,
      left,
      right: text,
      path: detail.path,
      labels: { left: NAMES[version], right: texts.result, take: texts.takeChange },
      onChange,
    }),
  )
  useEffect(() => {
    if (place.current === null) return undefined
    const opened = open(place.current)
    view.current = opened
    return () => {
      view.current = null
      opened.destroy()
    }
  }, [])
  useEffect(() => {
    if (view.current !== null) showVersion(view.current, left, NAMES[version])
  }, [left, version])
  return (
    <div className="flex min-h-64 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-2">
        {toolbar}
        <span aria-hidden className="ml-auto text-sm text-ink-2 max-[900px]:hidden">
          {texts.compareWith}
        </span>
        <Segmented
          className="max-[900px]:ml-auto"
          label={texts.compareWith}
          value={version}
          options={versions.map(value => ({ value, label: NAMES[value] }))}
          onChange={setVersion}
        />
        <span className="min-w-24 text-sm text-ink-2 max-[900px]:min-w-0" aria-live="polite">
          {texts.differences(differences)}
        </span>
        <div className="flex">
          <IconButton
            size="sm"
            icon={ChevronUp}
            label={texts.previousChange}
            disabled={differences === 0}
            onClick={() => view.current !== null && goToPreviousDifference(view.current)}
          />
          <IconButton
            size="sm"
            icon={ChevronDown}
            label={texts.nextChange}
            disabled={differences === 0}
            onClick={() => view.current !== null && goToNextDifference(view.current)}
          />
        </div>
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)_22px_minmax(0,1fr)] rounded-t-lg border border-line bg-sunken text-sm font-medium text-ink-2">
        <span className="px-4 py-1.5">{NAMES[version]}</span>
        <span className="col-start-3 px-4 py-1.5">{texts.result}</span>
      </div>
      <div
        ref={place}
        data-merge-editor
        className="min-h-56 flex-1 overflow-hidden rounded-b-lg border border-t-0 border-line bg-raised"
      />
      <p className="pt-2 text-sm text-ink-3">{texts.unresolved}</p>
      {isBrokenJson && (
        <Callout tone="warn" className="mt-2">
          {texts.invalidJson}
        </Callout>
      )}
    </div>
  )
}

function textOf(detail: ConflictDetail, version: Version): string {
  const body = detail[version]?.body
  return body?.kind === 'text' ? body.text : ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
