import t from 'tap'
import { cacheControlOf, isFingerprinted } from '../../src/static/caching.ts'

t.test('names as bundlers write them hold a hash', async (t) => {
  for (const file of [
    'assets/index-BkU7nDqN.js',
    'index-Dk3jf9aQ.css',
    'index-Bk-7nD_q.css',
    'index-C_3xK2a9.js.map',
    'my-page-BkU7nDqN.js',
    'vendor-BkU7nDqN.min.js',
    'inter-latin-400-normal-C38fXH4l.woff2',
    'main.3f2a9c1b.js',
    'static/js/main.3f2a9c1b.chunk.js',
    'logo.5d5d9eef.svg',
    '_app-9b3e2d3d7f4c8e6a.js',
    'index-a1b2c3d4.js',
    'app-JAYHGGKN.js',
    'main-7XKHQW3D.js',
  ]) {
    t.ok(isFingerprinted(file), file)
  }
})

t.test(
  'names that a person may have chosen hold none: they would be kept for a year',
  async (t) => {
    for (const file of [
      'app.js',
      'README',
      'deadbeef1',
      'app.production.js',
      'bootstrap.bundle.min.js',
      'chunk-vendors.js',
      'component-datepicker.js',
      'user-profile2.js',
      'user-Profile2.js',
      'v-DataGrid.js',
      'x-dataGrid.js',
      'my-app-data.json',
      'x-facade12.js',
      'jquery-3.7.1.min.js',
      'app-v1.2.3.js',
      'report-20240101.pdf',
      'report-2024-01-15.csv',
      'photo-20240101T1200.jpg',
      'icon-1024x768.png',
      'icon-48x48-v2.png',
      'font-Roboto12.woff',
      'index.html',
      'index-BkU7nDqN.html',
      'BkU7nDqN/app.js',
    ]) {
      t.notOk(isFingerprinted(file), file)
    }
  },
)

t.test('who may keep a file depends on whether its route looks at who is calling', async (t) => {
  t.equal(cacheControlOf('a.html', false), 'no-cache')
  t.equal(cacheControlOf('a.html', true), 'private, no-cache')
  t.equal(cacheControlOf('a.3f2a9c1b.js', false), 'public, max-age=31536000, immutable')
  t.equal(cacheControlOf('a.3f2a9c1b.js', true), 'private, max-age=31536000, immutable')
})
