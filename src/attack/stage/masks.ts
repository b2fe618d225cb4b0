/** What stands in the place of credentials wherever something is told: their bytes are in nobody's log. */
export class Masks {
  readonly #labels = new Map<string, string>()

  /** Names a credential, and returns it. */
  name(credential: string, label: string): string {
    if (credential !== '' && !this.#labels.has(credential)) this.#labels.set(credential, label)
    return credential
  }

  /** The text with every credential that is known replaced, and everything that looks like one. */
  hide(text: string): string {
    let hidden = text
    const longestFirst = [...this.#labels].sort(([one], [other]) => other.length - one.length)
    for (const [credential, label] of longestFirst)
      hidden = hidden.replaceAll(credential, `<${label}>`)
    return hidden
      .replaceAll(/eyJ[\w-]+\.[\w-]*\.[\w-]*/g, '<token>')
      .replaceAll(/(session_token=)[^;\s<"]+/g, '$1<cookie>')
  }
}
