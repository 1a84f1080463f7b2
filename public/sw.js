// Serves nothing but a page that says that the server cannot be reached. Everything else goes to the network: a
// messenger that shows old pages would not be believed.
const CACHE = 'daehwa-offline';

async function keep() {
  const cache = await caches.open(CACHE);
  const page = await fetch('/offline');
  const text = await page.clone().text();
  await cache.put('/offline', page);
  // By the names that this build gave them.
  const files = [...text.matchAll(/href="(\/(?:pkg\/[^"]+\.css[^"]*|favicon\.svg))"/g)].map((found) => found[1]);
  await cache.addAll(files.map((file) => file.replaceAll('&amp;', '&')));
}

addEventListener('install', (event) => event.waitUntil(keep().then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { mode, destination, method, url } = event.request;
  if (mode === 'navigate' && new URL(url).pathname === '/api/language') {
    // The page that is kept speaks the language that was chosen last.
    const answer = fetch(event.request);
    event.respondWith(answer);
    event.waitUntil(answer.then(keep, () => {}));
  } else if (method === 'GET' && mode === 'navigate') {
    event.respondWith(fetch(event.request).catch(() => caches.match('/offline')));
  } else if (destination === 'style' || destination === 'image') {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(event.request)) ?? Response.error()));
  }
});
