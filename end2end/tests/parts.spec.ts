// The parts of the program: a part that is late, fails, or belongs to another build.
import type { Page } from '@playwright/test';
import { bubble, decide, expect, hydrated, popup, say, test, SECOND_PART } from '../stage';

/** A program built without `--split` is one file: no part can be late. */
async function needParts(page: Page): Promise<void> {
  test.skip(!(await page.locator('link[href*="__wasm_split"]').count()), 'the program is one file');
}

test.use({ expectedErrors: [/Failed to (load resource|fetch)|Failed to execute 'compile'|net::ERR_FAILED/] });

test('a room that was opened early is shown when its part has loaded', async ({ person }) => {
  const minsu = await person('minsu');
  await needParts(minsu);
  await decide(minsu, 'place=here');
  let late = 2;
  await minsu.route(SECOND_PART, (route) => (late-- > 0 ? route.abort() : route.continue()));
  await minsu.reload();
  await hydrated(minsu);
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(minsu.getByText('불러오는 중…')).toBeVisible();
  await say(minsu, '늦게 온 창');
  await expect(bubble(minsu, '늦게 온 창')).toBeVisible();
  expect(late, 'it was tried again').toBeLessThan(0);
});

test('a page of another build reloads itself', async ({ person }) => {
  const minsu = await person('minsu');
  await needParts(minsu);
  await decide(minsu, 'place=here');
  // Counted by requests of documents, because a document requests its parts before it is complete.
  let asked = 0;
  let loaded = 0;
  minsu.on('request', (request) => { if (request.isNavigationRequest() && request.frame() === minsu.mainFrame()) asked += 1; });
  minsu.on('domcontentloaded', () => { loaded += 1; });
  // The answer of a server of another build to the addresses of this one, after the first part has loaded.
  await minsu.route(SECOND_PART, (route) => (asked === 1 ? route.fulfill({ status: 404 }) : route.continue()));
  await minsu.reload();
  await hydrated(minsu);
  await minsu.route(/daehwa\.js$/, (route) => (asked === 1 ? route.fulfill({ status: 404 }) : route.continue()));
  await expect.poll(() => loaded, { timeout: 10_000 }).toBe(2);
  await hydrated(minsu);
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '다시 맞는 쪽');
  await expect(bubble(minsu, '다시 맞는 쪽')).toBeVisible();
});

test('parts of another build are not served', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  const script = await window.locator('link[rel=modulepreload]').first().getAttribute('href');
  const status = (path: string) => window.request.get(new URL(path, window.url()).href).then((answer) => answer.status());
  expect(await status(script!)).toBe(200);
  expect(await status(script!.replace(/[0-9a-f]{16}/, '0123456789abcdef'))).toBe(404);
});

test('a dialog that was opened early is shown when its part has loaded', async ({ person }) => {
  const minsu = await person('minsu');
  await needParts(minsu);
  let late = 1;
  await minsu.route(/split_dialogs\.wasm$/, (route) => (late-- > 0 ? route.abort() : route.continue()));
  await minsu.reload();
  await hydrated(minsu);
  await minsu.keyboard.press('Control+k');
  await expect(minsu.locator('#palette')).toBeFocused();
  expect(late, 'it was tried again').toBeLessThan(0);
});

test('a search of the list shows no gap while the part that announces it loads', async ({ person }) => {
  const minsu = await person('minsu');
  await needParts(minsu);
  let release = () => {};
  const late = new Promise<void>((over) => { release = over; });
  await minsu.route(/split_dialogs\.wasm$/, async (route) => {
    await late;
    await route.continue();
  });
  await minsu.reload();
  await hydrated(minsu);
  await minsu.locator('#tab-rooms').click();
  await minsu.locator('.search input').fill('회의실');
  await expect(minsu.locator('#panel-rooms .hit')).toBeVisible();
  await expect(minsu.locator('.side .stage-empty')).toBeHidden();
  release();
  await expect(minsu.locator('.side > .unseen[role=status]')).toHaveText(/^1개 찾음\. 첫 결과: /);
});
