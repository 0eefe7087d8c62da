/** Everything at once: first what needs a person, then each folder, then what has happened lately. */
import { Plus } from 'lucide-react'
import type { FolderState } from '../../../contract/state.ts'
import { lookOf } from '../../format/folder-look.ts'
import { useFolders } from '../../store/app.ts'
import { go } from '../../store/route.ts'
import { strings } from '../../strings.ts'
import { Button } from '../../ui/button.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { FolderRows } from './folder-rows.tsx'
import { countNeeds, Needs } from './needs.tsx'
import { Recent } from './recent.tsx'
import { Welcome } from './welcome.tsx'

const texts = strings.overview

export function Overview() {
  const folders = useFolders()
  if (folders.length === 0) return <Welcome />
  return (
    <Page
      title={headline(folders)}
      description={detail(folders)}
      actions={
        <Button icon={Plus} onClick={() => go({ view: 'add' })}>
          {strings.rail.add}
        </Button>
      }
    >
      <Needs folders={folders} />
      <Section title={texts.foldersTitle}>
        <FolderRows folders={folders} />
      </Section>
      <Recent folders={folders} />
    </Page>
  )
}

/** The answer to the one question with which a person opens this page. */
function headline(folders: readonly FolderState[]): string {
  const needs = countNeeds(folders)
  if (needs > 0) return texts.needsYou(needs)
  const looks = folders.map(lookOf)
  const pending = folders.reduce((sum, folder) => sum + folder.pending, 0)
  if (looks.every(look => look.word === strings.folderState.paused)) return texts.paused
  if (looks.some(look => look.word === strings.folderState.offline)) {
    return folders.length === 1 ? texts.offlineAll : texts.offline
  }
  if (folders.some(folder => !folder.isReady && folder.paused === 'no')) return texts.starting
  if (pending > 0) return texts.someSyncing(pending)
  return texts.allInStep
}

function detail(folders: readonly FolderState[]): string {
  const files = folders.reduce((sum, folder) => sum + (folder.files ?? 0), 0)
  return texts.inStepDetail(files, folders.length)
}
