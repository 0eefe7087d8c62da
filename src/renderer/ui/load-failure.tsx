/** In the place of what could not be loaded. */
import { failureText } from '../connection/failure.ts'
import { strings } from '../strings.ts'
import { Button } from './button.tsx'
import { Callout } from './callout.tsx'

export function LoadFailure({ error, again }: { readonly error: unknown; readonly again: () => void }) {
  return (
    <Callout
      live
      tone="bad"
      title={strings.failure.load}
      action={<Button onClick={again}>{strings.common.tryAgain}</Button>}
    >
      {failureText(error)}
    </Callout>
  )
}
