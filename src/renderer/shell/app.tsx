/** The whole page: what is around every view, and which view is shown. */
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { lazy, Suspense } from 'react'
import { FolderView } from '../features/folder/folder-view.tsx'
import { Overview } from '../features/overview/overview.tsx'
import { useApp } from '../store/app.ts'
import { type Route, useRoute } from '../store/route.ts'
import { strings } from '../strings.ts'
import { Waiting } from '../ui/spinner.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { ConnectionBar } from './connection-bar.tsx'
import { Failsafe } from './failsafe.tsx'
import { LiveRegion } from './live-region.tsx'
import { Notices } from './notices.tsx'
import { Rail } from './rail.tsx'
import { Refused } from './refused.tsx'
import { useTitle } from './use-title.ts'

const FirstRun = lazy(async () => ({
  default: (await import('../features/first-run/first-run.tsx')).FirstRun,
}))
const SettingsView = lazy(async () => ({
  default: (await import('../features/settings/settings-view.tsx')).SettingsView,
}))

export function App() {
  return (
    // No inline style element: the page's policy forbids them, and styles.css has what they would say.
    <CSPProvider disableStyleElements>
      <Tooltip.Provider delay={450}>
        <Toasts>
          <Page />
          <LiveRegion />
        </Toasts>
      </Tooltip.Provider>
    </CSPProvider>
  )
}

function Page() {
  const connection = useApp(app => app.connection)
  const isKnown = useApp(app => app.known !== null)
  const route = useRoute(state => state.route)
  useTitle()
  if (connection === 'refused') return <Refused />
  return (
    <div className="grid h-full grid-cols-[224px_minmax(0,1fr)] max-[1000px]:grid-cols-[200px_minmax(0,1fr)]">
      <a
        href="#content"
        onClick={event => {
          event.preventDefault()
          document.getElementById('content')?.focus()
        }}
        className="sr-only rounded-md border border-line bg-raised px-3 py-2 shadow-pop focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        {strings.app.skip}
      </a>
      <Rail />
      <div className="flex min-h-0 min-w-0 flex-col">
        <ConnectionBar />
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          <Failsafe key={place(route)}>
            <Suspense fallback={<Waiting>{strings.common.loading}</Waiting>}>
              {isKnown ? <View route={route} /> : <Waiting>{strings.app.connecting}</Waiting>}
            </Suspense>
          </Failsafe>
        </main>
      </div>
      <Notices />
    </div>
  )
}

function View({ route }: { readonly route: Route }) {
  switch (route.view) {
    case 'overview':
      return <Overview />
    case 'add':
      return <FirstRun />
    case 'settings':
      return <SettingsView />
    case 'folder':
      return <FolderView key={route.folder} id={route.folder} route={route} />
  }
}

/** A failed view is tried again when another place is gone to. */
function place(route: Route): string {
  return route.view === 'folder' ? `${route.folder}/${route.tab}` : route.view
}
