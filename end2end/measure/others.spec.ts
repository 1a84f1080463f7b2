// Two other web clients on the same slow machine and network, if `make setup-bench` has installed them: the download
// until their first page, a sign-in form, is usable. Ours is the list of a signed-in user.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { slow } from './slow';
import { hydrated, signIn, test } from '../stage';

const ROUNDS = 5;
const LOAD_TIMEOUT = { timeout: 60_000 };
const CLIENTS = join(__dirname, '../../benches/clients/node_modules');
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.html': 'text/html', '.svg': 'image/svg+xml' };
/** Converse on a separate page, as in its documentation. */
const CONVERSE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Converse</title>
<link rel="stylesheet" href="converse.min.css"></head><body class="converse-fullscreen"><script type="module" src="converse.min.js"></script>
<script type="module">converse.initialize({ view_mode: 'fullscreen', authentication: 'login', websocket_url: 'ws://127.0.0.1:9/', assets_path: '/', i18n: 'en' });</script></body></html>`;

/** Milliseconds until the first content and until `usable` is visible, and the bytes of the download. */
async function load(page: Page, url: string, usable: (page: Page) => Promise<void>): Promise<number[]> {
  const client = await page.context().newCDPSession(page);
  await slow(client);
  let bytes = 0;
  client.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await page.goto(url, { waitUntil: 'commit' });
  await usable(page);
  const now = await page.evaluate(() => performance.now());
  const first = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN);
  await client.detach();
  return [first, now, bytes / 1024];
}

async function row(name: string, rounds: () => Promise<number[]>): Promise<string> {
  const all: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await rounds());
  const median = (index: number) => all.map((one) => one[index]).sort((one, other) => one - other)[Math.floor(ROUNDS / 2)];
  return `| ${name} | ${[0, 1, 2].map((index) => median(index)).map((figure) => (Number.isNaN(figure) ? 'not reported' : figure.toFixed(0))).join(' | ')} |`;
}

/** A file server with precompressed files, at the highest level. */
async function serve(directory: string, index: string): Promise<Server> {
  const made = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0]);
    const file = join(directory, path);
    if (path !== '/' && !existsSync(file)) { response.writeHead(404).end(); return; }
    if (!made.has(path)) made.set(path, brotliCompressSync(path === '/' ? Buffer.from(index) : readFileSync(file)));
    response.writeHead(200, { 'content-type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream', 'content-encoding': 'br' }).end(made.get(path));
  });
  await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening); });
  return server;
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).then((answer) => answer.ok, () => false)) return;
    await new Promise((later) => { setTimeout(later, 100); });
  }
  throw new Error(`${url} does not answer`);
}

// Errors of the other clients are not ours.
test.use({ expectedErrors: [/./] });

test('other web clients, CPU four times slower, slow 4G, empty cache', async ({ server, browserOf }) => {
  test.skip(!existsSync(CLIENTS), 'not installed: make setup-bench');
  test.setTimeout(600_000);
  const rows = ['| client | first content ms | usable ms | KiB over the network |', '| --- | --- | --- | --- |'];
  const ours = await browserOf();
  await signIn(await ours.newPage(), server, 'minsu');
  const fresh = async () => (await browserOf()).newPage();
  const once = async (open: () => Promise<Page>, url: string, usable: (page: Page) => Promise<void>) => {
    const page = await open();
    const figures = await load(page, url, usable);
    await page.close();
    return figures;
  };
  rows.push(await row('Daehwa, the list', () => once(() => ours.newPage(), server.url, hydrated)));

  const files = await serve(join(CLIENTS, 'converse.js/dist'), CONVERSE);
  const converse = `http://127.0.0.1:${(files.address() as AddressInfo).port}/`;
  const form = async (page: Page) => { await page.locator('input[name="jid"]').waitFor(LOAD_TIMEOUT); };
  rows.push(await row('Converse.js 14.0.0', () => once(fresh, converse, form)));
  files.close();

  const home = mkdtempSync(join(tmpdir(), 'lounge-'));
  const port = 9_731;
  let lounge: ChildProcess | undefined;
  try {
    const program = join(CLIENTS, 'thelounge/index.js');
    lounge = spawn('node', [program, '--home', home, 'start', '--public', '--host', '127.0.0.1', '--port', `${port}`], { stdio: ['ignore', 'ignore', 'inherit'] });
    await answers(`http://127.0.0.1:${port}/`);
    // The form is in the page from the start; the program removes the loading indicator.
    const connect = async (page: Page) => {
      await page.waitForLoadState('load');
      await page.locator('#loading').waitFor({ ...LOAD_TIMEOUT, state: 'detached' });
      await page.locator('#connect button[type="submit"]').waitFor(LOAD_TIMEOUT);
    };
    rows.push(await row('The Lounge 2.6.0', () => once(fresh, `http://127.0.0.1:${port}/`, connect)));
  } finally {
    lounge?.kill();
    rmSync(home, { recursive: true, force: true });
  }
  console.log(rows.join('\n'));
});
