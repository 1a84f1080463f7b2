// The transfer of files: progress, cuts, cancelled and refused uploads, reloads in the middle.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Page, Route } from '@playwright/test';
import { bubble, expect, fill, pair, say, hydrated, test } from '../stage';
import { chooseFiles, document, hold, photo, picture, tray } from '../files';

test.use({ expectedErrors: [/Failed to load resource|net::ERR_/] });

async function talk(person: (login: string) => Promise<Page>): Promise<[Page, Page]> {
  return pair(await person('minsu'), await person('cheolsu'));
}

test('a large file shows how far it is, is cut in the middle and goes on', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const bytes = randomBytes(20 << 20);
  let cuts = 0;
  await minsus.route('**/files/*', async (route) => {
    if (route.request().method() === 'PATCH' && cuts < 2 && route.request().headers()['upload-offset'] !== '0') {
      cuts += 1;
      return route.abort('connectionreset');
    }
    return route.continue();
  });
  await chooseFiles(minsus, [{ name: '영상 자료.bin', mimeType: 'application/octet-stream', buffer: bytes }]);
  await expect(tray(minsus).getByRole('progressbar', { name: '영상 자료.bin' })).toBeVisible();
  await minsus.getByRole('button', { name: '보내기' }).click();
  const card = bubble(cheolsus, '영상 자료').getByRole('link', { name: /영상 자료.bin/ });
  await expect(card).toBeVisible({ timeout: 30_000 });
  expect(cuts).toBe(2);
  const answer = await cheolsus.request.get(new URL((await card.getAttribute('href'))!, cheolsus.url()).href);
  expect((await answer.body()).equals(bytes), 'every byte arrived once').toBe(true);
});

test('a restart of the server in the middle loses nothing', async ({ keptPair }) => {
  const { server, minsu, younghee } = await keptPair();
  const [minsus, youngs] = await pair(minsu, younghee, '이영희');
  const bytes = randomBytes(12 << 20);
  let parts = 0;
  await minsus.route('**/files/*', async (route) => {
    if (route.request().method() === 'PATCH' && (parts += 1) === 2) {
      await server.stop('SIGKILL');
      await server.start(false);
      return route.abort('connectionreset');
    }
    return route.continue();
  });
  await chooseFiles(minsus, [{ name: '긴 자료.bin', mimeType: '', buffer: bytes }]);
  await say(minsus, '다시 시작해도');
  const card = bubble(youngs, '다시 시작해도').getByRole('link', { name: /긴 자료.bin/ });
  await expect(card).toBeVisible({ timeout: 40_000 });
  const answer = await youngs.request.get(new URL((await card.getAttribute('href'))!, youngs.url()).href);
  expect((await answer.body()).equals(bytes)).toBe(true);
});

test('a message waits for its files while the person writes on', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const release = await hold(minsus);
  await chooseFiles(minsus, [document('느린 파일.txt', 100)]);
  await say(minsus, '파일과 함께');
  const waiting = minsus.getByRole('group', { name: '파일을 다 올리면 보냅니다.' });
  await expect(waiting).toContainText('파일과 함께');
  await expect(minsus.locator('.log-frame [role=status]')).toHaveText('파일을 다 올리면 보냅니다.');
  await say(minsus, '그동안 쓴 글');
  await expect(bubble(cheolsus, '그동안 쓴 글')).toBeVisible();
  await expect(bubble(cheolsus, '파일과 함께')).toHaveCount(0);
  release();
  await expect(bubble(cheolsus, '파일과 함께').getByRole('link', { name: /느린 파일/ })).toBeVisible();
  await expect(waiting).toHaveCount(0);
});

test('sending is taken back: files return to the tray, the text to the field', async ({ person }) => {
  const [minsus] = await talk(person);
  await hold(minsus);
  await chooseFiles(minsus, [document('느린 파일.txt', 100)]);
  await say(minsus, '잠깐만요');
  await minsus.locator('#composer').fill('그 다음 글');
  await minsus.getByRole('button', { name: '보내기 취소' }).click();
  await expect(minsus.locator('#composer')).toHaveValue('잠깐만요\n그 다음 글');
  await expect(tray(minsus).getByRole('listitem')).toHaveCount(1);
});

test('an upload is cancelled within a second, on the server too', async ({ person }) => {
  const [minsus] = await talk(person);
  await hold(minsus);
  const deleted = minsus.waitForRequest((request) => request.method() === 'DELETE' && /\/files\/[\w-]{36}$/.test(request.url()));
  const patched = minsus.waitForRequest((request) => request.method() === 'PATCH');
  await chooseFiles(minsus, [document('실수.txt', 1 << 20)]);
  await expect(tray(minsus).getByRole('progressbar')).toBeVisible();
  await patched;
  const start = Date.now();
  await minsus.getByRole('button', { name: '실수.txt 취소' }).click();
  await expect(tray(minsus)).toBeHidden();
  expect((await (await deleted).response())?.status()).toBe(204);
  expect(Date.now() - start).toBeLessThan(1_000);
  await expect(minsus.locator('#composer')).toBeFocused();
});

test('an upload that is cancelled before the server has named it is deleted there, at the second attempt', async ({ person }) => {
  const [minsus] = await talk(person);
  let release = () => {};
  const released = new Promise<void>((done) => { release = done; });
  await minsus.route('**/files?*', async (route) => { await released; await route.continue(); });
  let deletions = 0;
  await minsus.route('**/files/*', (route) => (route.request().method() === 'DELETE' && (deletions += 1) === 1 ? route.abort() : route.continue()));
  const asked = minsus.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/files?'));
  await chooseFiles(minsus, [document('실수.txt', 1 << 20)]);
  const created = await asked;
  await minsus.getByRole('button', { name: '실수.txt 취소' }).click();
  await expect(tray(minsus)).toBeHidden();
  const deleted = minsus.waitForResponse((answer) => answer.request().method() === 'DELETE');
  release();
  expect((await deleted).status()).toBe(204);
  const { location } = (await created.response())!.headers();
  expect((await deleted).url()).toContain(location);
  const left = await minsus.request.fetch((await deleted).url(), { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } });
  expect([left.status(), deletions]).toEqual([404, 2]);
});

test('what fails says why, and is sent again', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await minsus.setViewportSize({ width: 360, height: 600 });
  await fill(minsus, [...Array.from({ length: 20 }, (_, number) => `글 ${number}`), '마지막 글']);
  await expect(bubble(minsus, '마지막 글')).toBeInViewport({ ratio: 1 });
  const refuse = (route: Route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 507, contentType: 'application/json', body: '{"error":"disk_full"}' })
      : route.continue();
  await minsus.route('**/files?*', refuse);
  await chooseFiles(minsus, [document('보고서.txt', 10)]);
  await expect(tray(minsus)).toContainText('저장 공간');
  await expect(bubble(minsus, '마지막 글'), 'the reason in the tray covers no message').toBeInViewport({ ratio: 1 });
  await minsus.unroute('**/files?*', refuse);
  await minsus.getByRole('button', { name: '보고서.txt 다시 시도' }).click();
  await say(minsus, '이제 됩니다');
  await expect(bubble(cheolsus, '이제 됩니다').getByRole('link', { name: /보고서/ })).toBeVisible();
});

test('a proxy that takes little gets smaller parts; one that takes none is named', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  let limit = 1 << 20;
  await minsus.route('**/files/*', async (route) => {
    const request = route.request();
    if (request.method() !== 'PATCH') return route.continue();
    const size = Number(request.headers()['content-length'] ?? request.postDataBuffer()?.length ?? 0);
    return size > limit ? route.fulfill({ status: 413, body: '<html>too large</html>' }) : route.continue();
  });
  await chooseFiles(minsus, [document('큰 파일.txt', 3 << 20)]);
  await say(minsus, '작게 나눠서');
  await expect(bubble(cheolsus, '작게 나눠서').getByRole('link', { name: /큰 파일/ })).toBeVisible({ timeout: 30_000 });
  limit = 100;
  await chooseFiles(minsus, [document('막힌 파일.txt', 3 << 20)]);
  await expect(tray(minsus)).toContainText('client_max_body_size');
});

test('a file that was changed since it was chosen says so; cuts are not called that', async ({ person }, info) => {
  const [minsus] = await talk(person);
  const path = info.outputPath('고친 파일.txt');
  writeFileSync(path, 'x'.repeat(1_000));
  const cut = (route: Route) => (route.request().method() === 'PATCH' ? route.abort('connectionreset') : route.continue());
  await minsus.route('**/files/*', cut);
  const cuts = minsus.waitForEvent('requestfailed');
  await minsus.locator('#files').setInputFiles(path);
  await cuts;
  await expect(tray(minsus).getByRole('progressbar', { name: '고친 파일.txt' })).toBeVisible();
  await expect(tray(minsus)).not.toContainText('파일을 읽을 수 없습니다.');
  writeFileSync(path, 'y'.repeat(2_000));
  await minsus.unroute('**/files/*', cut);
  await expect(tray(minsus)).toContainText('파일을 읽을 수 없습니다.');
});

test('after a reload the same file goes on where it was', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const release = await hold(minsus, (request) => request.headers()['upload-offset'] !== '0');
  const file = { name: '이어서.bin', mimeType: '', buffer: randomBytes(12 << 20) };
  await chooseFiles(minsus, [file], 1_700_000_000_000);
  await expect(tray(minsus).getByText(/^[5-9]\d%$/)).toBeVisible();
  await minsus.locator('#composer').fill('이어서 보냅니다');
  await minsus.reload();
  release();
  await hydrated(minsus);
  await expect(tray(minsus)).toContainText('같은 파일을 다시 선택하면 이어서 올립니다.');
  await expect(minsus.locator('#composer')).toHaveValue('이어서 보냅니다');
  const sent: string[] = [];
  minsus.on('request', (request) => { if (request.method() === 'PATCH') sent.push(request.headers()['upload-offset']); });
  await chooseFiles(minsus, [file], 1_700_000_000_000);
  await minsus.getByRole('button', { name: '보내기' }).click();
  await expect(bubble(cheolsus, '이어서 보냅니다').getByRole('link', { name: /이어서.bin/ })).toBeVisible({ timeout: 30_000 });
  expect(Number(sent[0])).toBeGreaterThan(0);
});

test('what was uploaded survives a reload, and a message that waits, too', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await chooseFiles(minsus, [document('다 올린 파일.txt', 10)]);
  await expect(tray(minsus)).toContainText('올림');
  await minsus.reload();
  await hydrated(minsus);
  await expect(tray(minsus)).toContainText('올림');
  await say(minsus, '새로 열고 나서');
  await expect(bubble(cheolsus, '새로 열고 나서').getByRole('link', { name: /다 올린 파일/ })).toBeVisible();
  await minsus.reload();
  await hydrated(minsus);
  await expect(tray(minsus)).toBeHidden();
});

test('a photo that lost its metadata at the server is complete, after a reload and after a lost answer', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const file = await photo(minsus, '현장.jpg');
  await chooseFiles(minsus, [file]);
  await expect(tray(minsus)).toContainText('올림');
  await minsus.reload();
  await hydrated(minsus);
  await expect(tray(minsus)).toContainText('올림');
  await say(minsus, '다시 열고 나서');
  const address = await bubble(cheolsus, '다시 열고 나서').locator('.picture').first().getAttribute('href');
  const answer = await cheolsus.request.get(new URL(address!, cheolsus.url()).href);
  expect((await answer.body()).length, 'its metadata is gone').toBeLessThan(file.buffer.length - 20_000);
  let lost = 0;
  await minsus.route('**/files/*', async (route) => {
    const request = route.request();
    if (request.method() !== 'PATCH') return route.continue();
    lost += 1;
    const headers = { 'tus-resumable': '1.0.0', 'content-type': request.headers()['content-type'], 'upload-offset': '0', origin: new URL(minsus.url()).origin };
    expect((await minsus.request.fetch(request.url(), { method: 'PATCH', headers, data: file.buffer })).status()).toBe(204);
    return route.abort('connectionreset');
  });
  await chooseFiles(minsus, [{ ...file, name: '둘째.jpg' }]);
  await say(minsus, '답을 잃고도');
  await expect(bubble(cheolsus, '답을 잃고도').locator('.picture')).toBeVisible();
  expect(lost).toBe(1);
});

test('the choice of originals survives a reload, and deletes no picture that cannot be sent again', async ({ person }) => {
  const [minsus] = await talk(person);
  const originals = minsus.getByRole('checkbox', { name: '원본으로 보내기' });
  await chooseFiles(minsus, [await picture(minsus, '도면.png', 64, 48)]);
  await expect(tray(minsus)).toContainText('올림');
  await minsus.reload();
  await hydrated(minsus);
  await expect(tray(minsus)).toContainText('올림');
  await originals.check();
  await chooseFiles(minsus, [await picture(minsus, '원본.png', 64, 48)]);
  await expect(tray(minsus).locator('[data-phase=done]')).toHaveCount(2);
  await minsus.reload();
  await hydrated(minsus);
  await expect(originals).toBeChecked();
  await expect(tray(minsus).locator('[data-phase=done]')).toHaveCount(2);
  await originals.uncheck();
  // The browser has lost the file, so the original one must be chosen again.
  await expect(tray(minsus).locator('[data-phase=missing]')).toContainText('원본.png');
  await expect(tray(minsus).locator('[data-phase=done]')).toContainText('도면.png');
});
