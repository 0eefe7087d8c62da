/**
 * Whether the system waits for an app that asks it to, when it is about to shut down (pure).
 *
 * systemd does, for InhibitDelayMaxSec (5 s by default). macOS takes it for a refusal and cancels the log-out; Windows
 * does not ask at all.
 */
export function isWaitedFor(platform: NodeJS.Platform): boolean {
  return platform === 'linux'
}
