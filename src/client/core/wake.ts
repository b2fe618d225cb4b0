/** Somebody looks at the page, and it has a network. */
export function isAwake(): boolean {
  return navigator.onLine && !document.hidden
}

/** Calls the listener whenever that is so again. */
export function onWake(listener: () => void, signal: AbortSignal): void {
  const wake = (): void => {
    if (isAwake()) listener()
  }
  addEventListener('online', wake, { signal })
  // An event of the document, which reaches the window; also when a page comes back from the back-forward cache.
  addEventListener('visibilitychange', wake, { signal })
}
