/** The chosen theme, on the root element. `system` leaves the choice to the style sheet. */
import { useApp } from './app.ts'

/** Only spares a flash of the other theme while the host has not answered yet. */
const REMEMBERED = 'lockstep.theme'

export function followTheme(): () => void {
  show(remembered())
  return useApp.subscribe(({ known }) => {
    if (known !== null) show(known.state.settings.theme)
  })
}

function show(theme: string | null): void {
  const chosen = theme === 'light' || theme === 'dark' ? theme : null
  const { dataset } = document.documentElement
  if ((dataset['theme'] ?? null) === chosen) return
  if (chosen === null) delete dataset['theme']
  else dataset['theme'] = chosen
  remember(chosen)
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED)
  } catch {
    return null
  }
}

/** A browser may forbid storage; then there is a flash and nothing worse. */
function remember(theme: string | null): void {
  try {
    if (theme === null) localStorage.removeItem(REMEMBERED)
    else localStorage.setItem(REMEMBERED, theme)
  } catch {
    // Nothing depends on it.
  }
}
