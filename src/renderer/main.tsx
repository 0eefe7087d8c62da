/** The page's entry: starts to feed the store, follows the address, and mounts React on `#root`. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { connect } from './connection/connect.ts'
import { App } from './shell/app.tsx'
import { feedStore } from './store/feed.ts'
import { followAddress } from './store/route.ts'
import { followTheme } from './store/theme.ts'
import './styles.css'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

// For as long as the page is open: nothing ends these before it does.
followTheme()
followAddress()
void feedStore(connect, new AbortController().signal)

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
