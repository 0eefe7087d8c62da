/** The document's title: where one is, and first how many things need a person. */
import { useEffect } from 'react'
import { shownName } from '../../contract/shown.ts'
import { needsOf } from '../format/folder-look.ts'
import { useFolders } from '../store/app.ts'
import { useRoute } from '../store/route.ts'
import { strings } from '../strings.ts'

export function useTitle(): void {
  const folders = useFolders()
  const route = useRoute(state => state.route)
  const needs = folders.reduce((sum, folder) => sum + needsOf(folder), 0)
  const place =
    route.view === 'folder'
      ? (folders.find(folder => folder.id === route.folder)?.name ?? strings.app.name)
      : { overview: strings.overview.title, add: strings.setup.title, settings: strings.settings.title }[
          route.view
        ]
  const title = `${needs > 0 ? `(${needs}) ` : ''}${shownName(place)} – ${strings.app.name}`
  useEffect(() => {
    document.title = title
  }, [title])
}
