/** How the kit is set up; kept in the address, so that a reload and a second tab have the same. */
export interface Settings {
  readonly mode: 'cookie' | 'bearer'
  /** What happens when the session of this page ends elsewhere. */
  readonly onEnd: 'login' | 'stay'
}

export function readSettings(search: string): Settings {
  const query = new URLSearchParams(search)
  return {
    mode: query.get('mode') === 'bearer' ? 'bearer' : 'cookie',
    onEnd: query.get('end') === 'stay' ? 'stay' : 'login',
  }
}

/** The address of this page with other settings; what is the default is left out. */
export function pathWith({ mode, onEnd }: Settings): string {
  const query = new URLSearchParams({
    ...(mode === 'cookie' ? {} : { mode }),
    ...(onEnd === 'login' ? {} : { end: onEnd }),
  })
  return query.size === 0 ? '/' : `/?${query.toString()}`
}
