/** The shell of the page. What it shows is filled in by the modules, as text and never as markup. */
export const consolePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Sallyport console</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Cpath fill=%22%230f6b63%22 d=%22M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z%22/%3E%3Cpath fill=%22%2338a796%22 d=%22M12 30V15a4 4 0 0 1 8 0v15z%22/%3E%3C/svg%3E">
<link rel="stylesheet" href="style.css">
<script type="module" src="app/main.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<div class="brand">
<svg class="emblem" viewBox="4 2 24 28" width="26" height="30" aria-hidden="true" focusable="false">
<path class="outer" d="M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z"/>
<path class="inner" d="M12 30V15a4 4 0 0 1 8 0v15z"/>
</svg>
<div>
<h1>Console</h1>
<p id="where"></p>
</div>
</div>
<ul id="facts" class="chips" aria-label="State of the gateway"></ul>
<div class="account">
<p id="link" class="link-state" role="status">Connecting</p>
<button id="account" class="quiet" type="button" hidden></button>
</div>
</header>
<main id="content" tabindex="-1">
<noscript><p class="blocked card">The console needs JavaScript.</p></noscript>
<section id="blocked" class="blocked card" hidden aria-live="polite"></section>
<div id="shown" hidden>
<section aria-label="At a glance"><dl id="tiles" class="tiles"></dl></section>
<div class="bar">
<h2>Traffic</h2>
<div id="spans" class="segments" role="group" aria-label="Time shown"></div>
</div>
<div class="grid two" id="charts"></div>
<div class="grid two">
<section class="card" aria-labelledby="upstreams-title">
<h2 id="upstreams-title">Upstreams</h2>
<div id="upstreams"></div>
</section>
<section class="card" aria-labelledby="routes-title">
<h2 id="routes-title">Busiest routes <small>in the last hour</small></h2>
<div id="busiest"></div>
</section>
</div>
<section class="card" aria-labelledby="live-title">
<div class="bar">
<h2 id="live-title">Live connections</h2>
<p id="live-count" class="soft"></p>
<button id="revoke-any" class="quiet" type="button">End sessions of …</button>
</div>
<div id="live"></div>
</section>
<section class="card" aria-labelledby="refusals-title">
<div class="bar">
<h2 id="refusals-title">Last refusals</h2>
<p id="refusals-count" class="soft"></p>
<div class="filters">
<label>Code <select id="code"><option value="">all</option></select></label>
<label>Contains <input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="path, user, request id"></label>
<button id="hold" class="quiet" type="button" aria-pressed="false">Hold</button>
</div>
</div>
<div id="refusals"></div>
</section>
<section class="card" aria-labelledby="configuration-title">
<div class="bar"><h2 id="configuration-title">Configuration</h2><p id="hash" class="soft"></p></div>
<div id="configuration"></div>
</section>
</div>
</main>
<dialog id="dialog" aria-labelledby="dialog-title"></dialog>
<p id="announce" class="unseen" role="status" aria-live="polite"></p>
</body>
</html>
`
