// Plain JavaScript that an old Node can parse: it exists to say one clear line there.
const [major] = process.versions.node.split('.')

if (Number(major) < 24) {
  console.error(`Sallyport needs Node 24 or newer; this is Node ${process.versions.node}.`)
  process.exit(2)
}
