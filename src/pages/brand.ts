import { escapeHtml } from './escape.ts'

/** What the pages are dressed with. */
export interface Brand {
  /** Of the application, plain text; null: it is not named. */
  readonly name: string | null
  /** Path of an image on this origin; null: the emblem of the gateway. */
  readonly logo: string | null
}

/** The gate of the icon, hidden from assistive technology because the heading says in words what the page is. */
const emblem = `<svg class="emblem" viewBox="4 2 24 28" width="36" height="42" aria-hidden="true" focusable="false">
<path class="outer" d="M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z"/>
<path class="inner" d="M12 30V15a4 4 0 0 1 8 0v15z"/>
</svg>`

const icon =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Cpath fill=%22%230f6b63%22 ' +
  'd=%22M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z%22/%3E%3Cpath fill=%22%2338a796%22 d=%22M12 30V15a4 4 0 0 1 8 0v15z%22/%3E%3C/svg%3E'

/** The image that heads a page; hidden like the emblem. */
export function mark({ logo }: Brand): string {
  return logo === null ? emblem : `<img class="logo" src="${escapeHtml(logo)}" alt="">`
}

/** The address of the icon in a browser's tab. */
export function iconOf({ logo }: Brand): string {
  return logo ?? icon
}

/** CSP Level 3: the sources of images that a page with this brand shows. */
export function imageSources({ logo }: Brand): string {
  return logo === null ? 'data:' : "'self'"
}
