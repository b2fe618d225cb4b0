export type Level = 'error' | 'warning' | 'notice'

/** One workflow command of GitHub Actions, which shows as an annotation of the file. */
export function annotation(level: Level, file: string, title: string, message: string): string {
  return `::${level} file=${inProperty(file)},title=${inProperty(title)}::${inData(message)}`
}

/** What would end the value is escaped, so that no name of a route can begin another command. */
function inData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function inProperty(text: string): string {
  return inData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
