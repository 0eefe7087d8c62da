/** Keeps a view that fails from taking the whole page with it. */
import { Component, type ReactNode } from 'react'
import { TriangleAlert } from 'lucide-react'
import { strings } from '../strings.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'

interface State {
  readonly hasFailed: boolean
}

export class Failsafe extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { hasFailed: false }

  static getDerivedStateFromError(): State {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div role="alert" className="h-full">
        <Empty
          isPage
          icon={TriangleAlert}
          title={strings.app.broken}
          action={
            <Button kind="primary" onClick={() => location.reload()}>
              {strings.app.reload}
            </Button>
          }
        >
          {strings.app.brokenDetail}
        </Empty>
      </div>
    )
  }
}
