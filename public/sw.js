// Serves only a page that says that the server cannot be reached. All other requests go to the network, because users
// would not trust a messenger that shows outdated pages.
const CACHE = 'daehwa-offline';

async function keep() {
  const cache = await caches.open(CACHE);
  const page = await fetch('/offline');
  const text = await page.clone().text();
  await cache.put('/offline', page);
  // The names of this build's files.
  const files = [...text.matchAll(/href="(\/(?:pkg\/[^"]+\.css[^"]*|favicon\.svg))"/g)].map((found) => found[1]);
  await cache.addAll(files.map((file) => file.replaceAll('&amp;', '&')));
}

addEventListener('install', (event) => event.waitUntil(keep().then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { mode, destination, method, url } = event.request;
  if (mode === 'navigate' && new URL(url).pathname === '/api/language') {
    // The cached page is in the last chosen language.
    const answer = fetch(event.request);
    event.respondWith(answer);
    event.waitUntil(answer.then(keep, () => {}));
  } else if (method === 'GET' && mode === 'navigate') {
    event.respondWith(fetch(event.request).catch(() => caches.match('/offline')));
  } else if (destination === 'style' || destination === 'image') {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(event.request)) ?? Response.error()));
  }
});
