// F1: files that would run scripts in the browser of a user who opens them. Each is opened in every way that a page
// can.
import { deflateSync } from 'node:zlib';
import { expect, type Page } from '@playwright/test';
import { Server, signIn, test, PASSWORD } from '../stage';

/** A script that runs requests this address, or opens a dialog. */
const CALL = "fetch('/ran');alert(1);window.top.document.title='ran'";
const SCRIPT = `<script>${CALL}</script>`;
const PNG = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'),
  chunk('IDAT', deflateSync(Buffer.alloc(5))),
  chunk('IEND', Buffer.alloc(0)),
]);
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** A chunk of a PNG. */
function chunk(name: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), content]);
  let sum = 0xffffffff;
  for (const byte of body) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  crc.writeUInt32BE((sum ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, body, crc]);
}

const svg = (inside: string, outside = '') => `${outside}<svg xmlns="http://www.w3.org/2000/svg" ${inside}</svg>`;
const html = (body: string) => `<!doctype html><html><body>${body}</body></html>`;

/** Contents that run scripts if a browser trusts their name, their type or their first bytes. */
const CONTENTS: Record<string, string | Buffer> = {
  'svg with onload': svg(`onload="${CALL}">`),
  'svg with a script': svg(`><script>${CALL}</script>`),
  'svg with a page in it': svg(`><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="${CALL}"/></body></foreignObject>`),
  'svg behind a declaration': svg(`onload="${CALL}">`, '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]>'),
  'html': html(SCRIPT),
  'html behind spaces and a mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`\n\n  ${html(SCRIPT)}`)]),
  'html in UTF-7': '+ADw-script+AD4-fetch(\'/ran\')+ADw-/script+AD4-',
  'xml with a style sheet that runs': `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#a"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${CALL}</h:script></x>`,
  'a page as a message': `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n${SCRIPT}\r\n--a--`,
  'a script': CALL,
  'a page behind a png': Buffer.concat([PNG, Buffer.from(SCRIPT)]),
  'a page behind a gif': Buffer.concat([GIF, Buffer.from(SCRIPT)]),
  'a script that is a gif': `GIF89a=0;${CALL}`,
  'a page that begins as a pdf': `%PDF-1.4\n${html(SCRIPT)}`,
};
const NAMES = ['a.html', 'a.svg', 'a.png'];

/** A file that cannot be cleaned is sent as an original file. */
async function upload(page: Page, name: string, content: string | Buffer, isOriginal = false): Promise<string> {
  const body = Buffer.from(content);
  const filename = Buffer.from(name).toString('base64');
  const tus = { 'tus-resumable': '1.0.0', origin: new URL(page.url()).origin };
  const created = await page.request.post('/files', {
    headers: { ...tus, 'upload-length': `${body.length}`, 'upload-metadata': `filename ${filename}${isOriginal ? ',original' : ''}` },
  });
  expect(created.status()).toBe(201);
  const address = created.headers()['location'];
  const sent = await page.request.patch(address, {
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    data: body,
  });
  if (sent.status() === 422 && !isOriginal) return upload(page, name, content, true);
  expect(sent.status()).toBe(204);
  return address;
}

/** A page without a content security policy, which embeds the file in every way. */
const embedding = (file: string) => `<!doctype html><title>embedding</title>
  <iframe src="${file}"></iframe><object data="${file}"></object><embed src="${file}">
  <img src="${file}"><video src="${file}"></video><script src="${file}"></script><script type="module" src="${file}"></script>
  <link rel="stylesheet" href="${file}">`;

test('no file runs anything, however it is opened', async ({ browser }) => {
  test.setTimeout(180_000);
  const server = new Server();
  server.addPerson('minsu', '김민수');
  await server.start(false);
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const ran: string[] = [];
  let opened = '';
  context.on('dialog', (dialog) => { ran.push(`${opened}: dialog`); void dialog.dismiss(); });
  context.on('request', (request) => { if (request.url().endsWith('/ran')) ran.push(opened); });
  await signIn(page, server, 'minsu', PASSWORD);
  let files = 0;
  for (const [what, content] of Object.entries(CONTENTS)) {
    for (const name of NAMES) {
      const address = await upload(page, name, content);
      opened = `${what} as ${name}`;
      files += 1;
      const answer = await page.request.get(address);
      expect(answer.headers()['content-security-policy'], opened).toContain('sandbox');
      expect(answer.headers()['x-content-type-options'], opened).toBe('nosniff');
      // A download ends the navigation.
      const tab = await context.newPage();
      await tab.goto(address).catch(() => undefined);
      await tab.route('**/embedding', (route) => route.fulfill({ contentType: 'text/html', body: embedding(address) }));
      await tab.goto('/embedding', { waitUntil: 'load' });
      expect(await tab.title(), opened).toBe('embedding');
      await tab.close();
    }
  }
  expect(files).toBeGreaterThanOrEqual(40);
  expect(ran).toEqual([]);
  await context.close();
  await server.end();
});
