// Views of files: the grid, the viewer, the list of a room's files, on a phone, with axe, without layout shift.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { bubble, choose, decide, expect, hydrated, menuOf, pair, say, settledBox, test } from '../stage';
import { chooseFiles, document, hold, picture, tray } from '../files';

test.use({ expectedErrors: [/Failed to load resource|net::ERR_/] });

async function talk(person: (login: string, options?: object) => Promise<Page>): Promise<[Page, Page]> {
  return pair(await person('minsu'), await person('cheolsu'));
}

/** Sends pictures in one message. */
async function sendPictures(page: Page, names: string[], text: string): Promise<void> {
  await chooseFiles(page, await Promise.all(names.map((name) => picture(page, name, 640, 480))));
  await say(page, text);
  await expect(bubble(page, text).locator('.picture')).toHaveCount(names.length);
}

const viewer = (page: Page) => page.getByRole('dialog', { name: '사진 보기' });

test('several pictures are a grid of equal cells', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await sendPictures(minsus, ['1.png', '2.png', '3.png', '4.png', '5.png'], '다섯 장');
  const cells = bubble(cheolsus, '다섯 장').locator('.picture');
  await expect(cells).toHaveCount(5);
  const boxes = await cells.evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect()).map(({ x, y, width, height }) => ({ x, y, width, height })));
  for (const box of boxes) expect(Math.abs(box.width - box.height)).toBeLessThan(2);
  expect(boxes[0].y).toBe(boxes[2].y);
  expect(boxes[3].y).toBeGreaterThan(boxes[0].y);
});

test('a picture moves nothing when its bytes come', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await cheolsus.evaluate(() => {
    Object.assign(window, { shift: 0 });
    new PerformanceObserver((list) => {
      // In the log alone, because the header may show meanwhile that somebody opens or leaves the room.
      for (const entry of list.getEntries() as unknown as { value: number; sources: { node: Node | null }[] }[]) {
        const isInLog = entry.sources.some(({ node }) => window.document.querySelector('.log')?.contains(node));
        if (isInLog) (window as unknown as { shift: number }).shift += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: false });
  });
  let release = () => {};
  const released = new Promise<void>((done) => { release = done; });
  await cheolsus.route('**/preview', async (route) => { await released; await route.continue(); });
  await sendPictures(minsus, ['큰 사진.png'], '자리를 잡아 둡니다');
  const image = bubble(cheolsus, '자리를 잡아').locator('img');
  await expect(image).toBeVisible();
  const before = await image.boundingBox();
  await cheolsus.evaluate(() => { (window as unknown as { shift: number }).shift = 0; });
  release();
  await expect(image).toHaveJSProperty('complete', true);
  await expect.poll(() => image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  expect(await image.boundingBox()).toEqual(before);
  expect(await cheolsus.evaluate(() => (window as unknown as { shift: number }).shift)).toBe(0);
});

test('the viewer by keys: next, zoom, download, and Escape returns', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await sendPictures(minsus, ['하나.png', '둘.png', '셋.png'], '세 장');
  const cells = bubble(cheolsus, '세 장').locator('.picture');
  await bubble(cheolsus, '세 장').focus();
  await cheolsus.keyboard.press('ArrowRight');
  await expect(cells.first()).toBeFocused();
  await cheolsus.keyboard.press('Enter');
  await expect(viewer(cheolsus)).toBeVisible();
  const name = viewer(cheolsus).getByRole('status');
  await expect(name).toContainText('하나.png');
  await expect(name).toContainText('3장 중 1번째');
  await expect(viewer(cheolsus).getByRole('button', { name: '이전' }), 'the first picture').toBeDisabled();
  await expect(viewer(cheolsus).getByRole('button', { name: '다음' })).toBeEnabled();
  // The whole picture loads over its preview.
  const whole = viewer(cheolsus).locator('img').nth(1);
  await expect.poll(() => whole.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640);
  await cheolsus.keyboard.press('ArrowRight');
  await expect(name).toContainText('3장 중 2번째');
  await cheolsus.keyboard.press('ArrowLeft');
  await cheolsus.keyboard.press('ArrowLeft');
  await expect(name).toContainText('3장 중 1번째');
  const scale = () => viewer(cheolsus).locator('.viewer-picture').evaluate((picture) => getComputedStyle(picture).scale);
  await cheolsus.keyboard.press('+');
  expect(await scale()).toBe('1.5');
  await cheolsus.keyboard.press('-');
  expect(await scale()).toBe('1');
  for (let step = 0; step < 12; step += 1) {
    await cheolsus.keyboard.press('Tab');
    await expect(cheolsus.locator('dialog[open] :focus, body:focus')).not.toHaveCount(2);
    expect(await cheolsus.evaluate(() => window.document.activeElement === window.document.body || !!window.document.activeElement!.closest('dialog'))).toBe(true);
  }
  const [download] = await Promise.all([
    cheolsus.waitForEvent('download'),
    viewer(cheolsus).getByRole('button', { name: '내려받기' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('하나.png');
  await cheolsus.keyboard.press('Escape');
  await expect(viewer(cheolsus)).toHaveCount(0);
  await expect(cells.first()).toBeFocused();
});

test('the viewer by pointer: wheel, double click, drag, swipe', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await sendPictures(minsus, ['하나.png', '둘.png'], '두 장');
  await bubble(cheolsus, '두 장').locator('.picture').first().click();
  const frame = viewer(cheolsus).locator('.viewer-frame');
  const box = await settledBox(frame);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  // Rounded to 10 pixels, because the frame's centre may lie between two pixels.
  const style = () => viewer(cheolsus).locator('.viewer-picture').evaluate((picture) => {
    const { scale, translate } = getComputedStyle(picture);
    const [x, y = 0] = translate.split(' ').map((length) => Math.round(parseFloat(length) / 10) * 10 + 0);
    return [Number(scale), x, y];
  });
  await cheolsus.mouse.move(x, y);
  await cheolsus.mouse.wheel(0, -200);
  await expect.poll(style).toEqual([1.5, 0, 0]);
  await cheolsus.mouse.dblclick(x, y);
  await expect.poll(style).toEqual([1, 0, 0]);
  await cheolsus.mouse.dblclick(x + 50, y);
  await expect.poll(style).toEqual([2, -50, 0]);
  await cheolsus.mouse.move(x, y);
  await cheolsus.mouse.down();
  await cheolsus.mouse.move(x + 20, y + 10);
  await cheolsus.mouse.up();
  await expect.poll(style).toEqual([2, -30, 10]);
  await cheolsus.mouse.dblclick(x, y);
  await cheolsus.mouse.move(x, y);
  await cheolsus.mouse.down();
  await cheolsus.mouse.move(x - 120, y, { steps: 4 });
  await cheolsus.mouse.up();
  await expect(viewer(cheolsus).getByRole('status')).toContainText('둘.png');
});

test('the list of files: newest first, search by name, jump, download, recall', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  for (const [name, text] of [['예산.hwp', '첫 파일'], ['회의록.pdf', '둘째 파일'], ['2027 예산.xlsx', '셋째 파일']]) {
    await chooseFiles(minsus, [document(name, 2_000)]);
    await say(minsus, text);
    await expect(bubble(cheolsus, text)).toBeVisible();
  }
  await choose(cheolsus, '파일 모아보기');
  const list = cheolsus.getByRole('dialog', { name: '파일 모아보기' });
  await expect(list.locator('.file-row .file-name')).toHaveText(['2027 예산.xlsx', '회의록.pdf', '예산.hwp']);
  await expect(list.getByRole('searchbox')).toBeFocused();
  await cheolsus.keyboard.type('예산');
  await expect(list.locator('.file-row .file-name')).toHaveText(['2027 예산.xlsx', '예산.hwp']);
  const [download] = await Promise.all([
    cheolsus.waitForEvent('download'),
    list.getByRole('link', { name: '2027 예산.xlsx 내려받기' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('2027 예산.xlsx');
  const recall = await menuOf(minsus, '셋째 파일');
  await recall.getByRole('button', { name: '회수' }).click();
  await recall.getByRole('group', { name: '회수하면 되돌릴 수 없습니다.' }).getByRole('button', { name: '회수' }).click();
  await expect(list.locator('.file-row')).toHaveCount(1);
  await list.getByRole('searchbox').fill('없는 이름');
  await expect(list.getByRole('status')).toContainText('맞는 결과가 없습니다.');
  await list.getByRole('searchbox').fill('');
  await list.getByRole('button', { name: '예산.hwp 메시지로 이동' }).click();
  await expect(list).toHaveCount(0);
  await expect(bubble(cheolsus, '첫 파일')).toBeFocused();
});

test('on a phone: camera, gallery and files, with targets of 44 px', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  const minsu = await person('minsu', { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true });
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  const button = minsu.getByRole('button', { name: '파일', exact: true });
  await button.tap();
  const menu = minsu.getByRole('group', { name: '파일', exact: true });
  for (const item of await menu.getByRole('button').all()) expect((await item.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  const input = minsu.locator('#files');
  for (const [name, accept, capture] of [['카메라', 'image/*', 'environment'], ['사진·동영상', /image\/jpeg.*video/, null], ['파일', '', null]] as const) {
    if (!(await menu.isVisible())) await button.tap();
    const [picker] = await Promise.all([minsu.waitForEvent('filechooser'), menu.getByRole('button', { name, exact: true }).tap()]);
    expect(await input.getAttribute('accept')).toMatch(accept === '' ? /^$/ : accept);
    expect(await input.getAttribute('capture')).toBe(capture);
    if (name === '파일') await picker.setFiles([await picture(minsu, '폰 사진.png', 480, 640)]);
  }
  const cancel = minsu.getByRole('button', { name: '폰 사진.png 취소' });
  expect((await cancel.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await minsu.getByRole('button', { name: '보내기' }).tap();
  const shown = minsu.locator('.said .picture');
  await expect(shown).toBeVisible();
  expect(await minsu.evaluate(() => window.document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await shown.tap();
  await expect(viewer(minsu)).toBeVisible();
  await minsu.goBack();
  await expect(viewer(minsu)).toHaveCount(0);
  await expect(minsu.locator('.chat')).toBeVisible();
  await expect(cheolsu.getByRole('status', { name: '알림' })).toContainText('사진');
});

test('at 320 x 200 everything can be reached', async ({ person }) => {
  const [minsus] = await talk(person);
  await minsus.setViewportSize({ width: 320, height: 200 });
  await chooseFiles(minsus, [document('가.txt', 10), document('나.txt', 10)]);
  for (const name of ['가.txt 취소', '나.txt 취소']) {
    await minsus.getByRole('button', { name }).scrollIntoViewIfNeeded();
    await expect(minsus.getByRole('button', { name })).toBeInViewport();
  }
  await expect(minsus.locator('#composer')).toBeInViewport();
  expect(await minsus.evaluate(() => window.document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test('print shows names', async ({ person }) => {
  const [minsus] = await talk(person);
  await chooseFiles(minsus, [document('인쇄할 목록.txt', 10)]);
  await say(minsus, '붙임');
  await expect(bubble(minsus, '붙임').locator('.file')).toBeVisible();
  await minsus.emulateMedia({ media: 'print' });
  await expect(bubble(minsus, '붙임').locator('.file-name')).toBeVisible();
  await expect(tray(minsus)).toBeHidden();
});

async function check(page: Page, state: string): Promise<void> {
  await page.waitForTimeout(250);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect.soft(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`), state).toEqual([]);
}

for (const [lang, locale] of [['ko', 'ko-KR'], ['en', 'en-US']] as const) {
  for (const theme of ['light', 'dark', 'contrast']) {
    test(`axe: ${lang} ${theme}`, async ({ person }) => {
      const minsu = await person('minsu', { locale, viewport: { width: 1280, height: 800 } });
      await decide(minsu, `theme=${theme}&place=here`);
      await minsu.reload();
      await hydrated(minsu);
      await minsu.locator('#tab-people').click();
      await minsu.locator('button.row', { hasText: '박철수' }).click();
      await expect(minsu.locator('#composer')).toBeFocused();
      await chooseFiles(minsu, [await picture(minsu, '가.png', 640, 480), document('예산.hwp', 9_000), { ...document('a.mp3', 100), mimeType: 'audio/mpeg' }]);
      await expect(minsu.locator('.tray-file[data-phase=done]')).toHaveCount(3);
      await check(minsu, 'tray');
      await say(minsu, '붙임');
      await expect(bubble(minsu, '붙임').locator('.picture')).toBeVisible();
      await check(minsu, 'bubbles');
      const release = await hold(minsu);
      await chooseFiles(minsu, [document('느린 파일.txt', 10)]);
      await say(minsu, '기다림');
      await expect(minsu.locator('.tray-message')).toBeVisible();
      await check(minsu, 'a message that waits');
      release();
      await expect(minsu.locator('.tray-message')).toHaveCount(0);
      await bubble(minsu, '붙임').locator('.picture').click();
      await expect(minsu.locator('.viewer')).toBeVisible();
      await check(minsu, 'viewer');
      await minsu.keyboard.press('Escape');
      await minsu.locator('.more summary').click();
      await minsu.locator('[data-do=files]').click();
      await expect(minsu.locator('.file-row').first()).toBeVisible();
      await check(minsu, 'list');
    });
  }
}
