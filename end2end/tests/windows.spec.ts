import type { Page, WebSocketRoute } from '@playwright/test';
import { bubble, decide, expect, group, hydrated, pair, popup, say, signIn, test } from '../stage';

test('drafts and read marks agree in all windows of a person', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  const again = await minsu.context().newPage();
  await again.goto(minsus.url());
  await hydrated(again);
  await minsus.locator('#composer').fill('쓰다 만 글');
  await expect(again.locator('#composer')).toBeFocused();
  await minsus.locator('#composer').fill('쓰다 만 글입니다');
  await expect(again.locator('#composer')).toHaveValue('쓰다 만 글입니다', { timeout: 1_000 });
  await minsus.locator('#composer').press('Enter');
  await expect(again.locator('#composer')).toHaveValue('');
  await again.locator('#composer').press('Enter');
  await expect(bubble(again, '쓰다 만 글입니다')).toHaveCount(1);
  await again.locator('#composer').fill('다른 글');
  await minsus.locator('#composer').fill('');
  await expect(again.locator('#composer')).toHaveValue('');

  const list = await minsu.context().newPage();
  await list.goto(new URL('/', minsu.url()).href);
  await hydrated(list);
  for (const page of [minsu, list]) await page.getByRole('tab', { name: '대화' }).click();
  await minsus.close();
  await again.close();
  await say(cheolsus, '안 읽은 글');
  for (const page of [minsu, list]) {
    await expect(page.getByRole('link', { name: /박철수/ }).getByText('읽지 않은 메시지 1개')).toHaveCount(1);
  }
  await popup(minsu, () => minsu.getByRole('link', { name: /박철수/ }).click());
  for (const page of [minsu, list]) {
    await expect(page.getByRole('link', { name: /박철수/ }).getByText(/읽지 않은/)).toHaveCount(0, { timeout: 1_500 });
  }
});

test('typing loses no letter while another window shows the same draft', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  const again = await minsu.context().newPage();
  await again.goto(minsus.url());
  await hydrated(again);
  await minsus.bringToFront();
  let text = '';
  for (const delay of [0, 15, 40, 15, 0, 25]) {
    const more = '하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열 ';
    await minsus.locator('#composer').pressSequentially(more, { delay });
    text += more;
    await expect(again.locator('#composer')).toHaveValue(text);
    await expect(minsus.locator('#composer')).toHaveValue(text);
  }
});

test('the composer of a new window has the focus, except where that opens a keyboard on the screen', async ({ person }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const minsu = await person('minsu');
  const younghee = await person('younghee', phone);
  const minsus = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await expect(minsus.locator('#composer')).toBeFocused();
  await minsus.keyboard.type('몇 시인가요? 네/아니오');
  await minsus.keyboard.press('Enter');
  await younghee.getByRole('status', { name: '알림' }).getByRole('button', { name: '열기' }).first().click();
  await expect(bubble(younghee, '몇 시인가요? 네/아니오')).toBeVisible();
  await expect(younghee.locator('#composer')).not.toBeFocused();
});

/** Counts the sounds of a page. */
function count(): void {
  const audio = window.AudioContext;
  (window as any).sounds = 0;
  window.AudioContext = class extends audio { constructor() { super(); (window as any).sounds++; } };
}

test('one of the windows of a browser sounds, and none with the sound off', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await minsus.close();
  await minsu.context().addInitScript(count);
  const windows = [minsu, await minsu.context().newPage(), await minsu.context().newPage()];
  for (const page of windows) {
    await page.goto(new URL('/', minsu.url()).href);
    await hydrated(page);
  }
  await decide(minsu, 'quiet=off');
  await say(cheolsus, '소리가 나야 합니다');
  for (const page of windows) await expect(page.locator('.toast', { hasText: '소리가' })).toBeVisible();
  const sounds = async () => {
    const each = await Promise.all(windows.map((page) => page.evaluate(() => (window as any).sounds as number)));
    return each.reduce((sum, one) => sum + one, 0);
  };
  await expect.poll(sounds).toBe(1);
  // A toast updates at once; an unread message plays its sound after 0.8 s.
  const settled = () => minsu.waitForTimeout(1_200);
  await decide(minsu, 'quiet=off&sound=off');
  await say(cheolsus, '조용해야 합니다');
  for (const page of windows) await expect(page.locator('.toast', { hasText: '조용' })).toBeVisible();
  await settled();
  expect(await sounds()).toBe(1);
  // Sounds are two seconds apart, so only a later silence proves anything.
  await minsu.locator('.row.me').click();
  await minsu.getByLabel('다른 용무 중').check();
  await minsu.getByRole('button', { name: '저장' }).click();
  await expect(minsu.locator('.bar .dot')).toHaveText('다른 용무 중');
  await minsu.waitForTimeout(2_100);
  await decide(minsu, 'quiet=on');
  await say(cheolsus, '바쁜 동안에는');
  for (const page of windows) await expect(page.locator('.toast', { hasText: '바쁜' })).toBeVisible();
  await settled();
  expect(await sounds()).toBe(1);
  await decide(minsu, 'quiet=off');
  await say(cheolsus, '바빠도 들을래요');
  for (const page of windows) await expect(page.locator('.toast', { hasText: '들을래요' })).toBeVisible();
  await expect.poll(sounds).toBe(2);
});

test('nothing sounds in the quiet hours of the browser', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await minsus.close();
  await minsu.context().addInitScript(count);
  await minsu.reload();
  await hydrated(minsu);
  const sounds = () => minsu.evaluate(() => (window as any).sounds as number);
  const chosen = await minsu.context().newPage();
  await chosen.goto(new URL('/settings', minsu.url()).href);
  const [from, to] = [chosen.getByLabel('조용한 시간의 시작'), chosen.getByLabel('조용한 시간의 끝')];
  await expect(from).toHaveValue('22');
  await expect(to).toHaveValue('7');
  // Two hours, because one may end during the test.
  const hour = await minsu.evaluate(() => new Date().getHours());
  const later = String((hour + 2) % 24);
  await from.selectOption(String(hour));
  await to.selectOption(later);
  await expect.poll(() => minsu.evaluate(() => document.cookie)).toMatch(new RegExp(`from\\.${hour}&to\\.${later}(&|$)`));
  await say(cheolsus, '조용한 시간입니다');
  await expect(minsu.locator('.toast', { hasText: '조용한' })).toBeVisible();
  expect(await sounds()).toBe(0);
  await from.selectOption(later);
  await to.selectOption(String(hour));
  await expect.poll(() => minsu.evaluate(() => document.cookie)).toMatch(new RegExp(`from\\.${later}&to\\.${hour}(&|$)`));
  await say(cheolsus, '깨어 있습니다');
  await expect(minsu.locator('.toast', { hasText: '깨어' })).toBeVisible();
  await expect.poll(sounds).toBe(1);
  await chosen.reload();
  await expect(from).toHaveValue(later);
});

test.describe('cut off', () => {
  test.use({
    expectedErrors: async ({}, use) => use([/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/]),
  });

  test('a message of a closed window is sent when there is a connection', async ({ keptPair }) => {
    const { server, minsu, younghee } = await keptPair();
    const [minsus, younghees] = await pair(minsu, younghee, '이영희');
    await server.stop('SIGKILL');
    await expect(minsus.getByText('연결이 끊겼습니다.')).toBeVisible();
    await say(minsus, '창을 닫아도 갑니다 1');
    await say(minsus, '창을 닫아도 갑니다 2');
    await minsus.close();
    await server.start(false);
    await expect(younghees.locator('.said .body')).toHaveText(['창을 닫아도 갑니다 1', '창을 닫아도 갑니다 2'], { timeout: 50_000 });
    await expect.poll(() => minsu.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('mine')))).toEqual([]);
  });

  test('two people whose connections are cut again and again see the same messages', async ({ person }) => {
    test.setTimeout(120_000);
    const minsu = await person('minsu');
    const cheolsu = await person('cheolsu');
    const open: WebSocketRoute[] = [];
    for (const page of [minsu, cheolsu]) {
      await page.context().routeWebSocket(/\/chat\//, (route) => {
        route.connectToServer();
        open.push(route);
      });
    }
    const pages = await pair(minsu, cheolsu);
    const written: string[] = [];
    for (let round = 0; round < 12; round++) {
      for (const [index, page] of pages.entries()) {
        const text = `${index === 0 ? '민수' : '철수'} ${round}.`;
        written.push(text);
        await say(page, text);
        if ((round + index) % 2 === 0) await Promise.all(open.splice(0).map((route) => route.close({ code: 3001 })));
      }
    }
    const shown = async (page: Page) => {
      const texts = await page.locator('.said[data-state=sent] .body').allTextContents();
      return texts.filter((text) => /^[가-힣]+ \d+\.$/.test(text));
    };
    for (const page of pages) {
      await expect.poll(async () => (await shown(page)).length, { timeout: 60_000 }).toBe(written.length);
    }
    expect(await shown(pages[0])).toEqual(await shown(pages[1]));
    expect([...await shown(pages[0])].sort()).toEqual([...written].sort());
    await expect(bubble(pages[0], '민수 0.')).toHaveCount(1);
  });
});

test('signing out deletes drafts, unsent messages and whatever else was remembered of the person from the computer', async ({ person, expectedErrors }) => {
  // The other window probes the session before it leaves.
  expectedErrors.push(/status of 401/);
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await minsus.locator('#composer').fill('남의 눈에 띄면 안 될 글');
  const kept = () => minsu.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('daehwa.mine')));
  await expect.poll(kept).toHaveLength(1);
  await minsus.getByRole('button', { name: '이모지', exact: true }).click();
  await minsus.locator('.emoji-picker [data-emoji]').first().click();
  await expect.poll(kept).toHaveLength(2);
  // The remaining keys name no user.
  const others = () => minsu.evaluate(() => Object.keys(localStorage).filter((key) => !key.startsWith('daehwa.mine')));
  for (const key of await others()) expect(['daehwa.account', 'daehwa.settings', 'daehwa.lang', 'daehwa.touched', 'daehwa.sounded']).toContain(key);
  // A draft would be lost: the user is asked.
  const asked: string[] = [];
  minsu.on('dialog', (dialog) => {
    asked.push(dialog.message());
    return asked.length === 1 ? dialog.dismiss() : dialog.accept();
  });
  await minsu.getByRole('button', { name: '로그아웃' }).click();
  expect(asked).toEqual(['보내지 않은 글과 파일이 지워집니다. 로그아웃할까요?']);
  expect(await kept()).toHaveLength(2);
  await minsu.getByRole('button', { name: '로그아웃' }).click();
  await minsu.waitForURL(/sign_in/);
  expect(await kept()).toEqual([]);
});

test('nobody signs out without a connection, and what is unsent stays', async ({ person, expectedErrors }) => {
  // The page probes the session before it leaves.
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/, /status of 401/);
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await minsu.locator('#composer').fill('아직 쓰는 글');
  const kept = () => minsu.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('daehwa.mine')));
  await expect.poll(kept).toHaveLength(1);
  const asked: string[] = [];
  minsu.on('dialog', (dialog) => {
    asked.push(dialog.message());
    return dialog.accept();
  });
  await minsu.context().setOffline(true);
  await expect(minsu.locator('.lost.connection').first()).toBeVisible({ timeout: 15_000 });
  await minsu.getByRole('button', { name: '로그아웃' }).click();
  expect(asked).toEqual([expect.stringContaining('연결이 끊겼습니다.')]);
  expect(await kept()).toHaveLength(1);
  await minsu.context().setOffline(false);
  await expect(minsu.locator('.lost.connection').first()).toBeHidden({ timeout: 15_000 });
  await minsu.getByRole('button', { name: '로그아웃' }).click();
  await minsu.waitForURL(/sign_in/);
  expect(await kept()).toEqual([]);
});

test('the list marks a conversation with a message that was not sent', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '보낸 글');
  await expect(bubble(minsu, '보낸 글')).toHaveAttribute('data-state', 'sent');
  await minsu.getByRole('tab', { name: '대화' }).click();
  const row = minsu.locator('#panel-rooms a.row', { hasText: '박철수' }).first();
  await expect(row).toContainText('보낸 글');
  await minsu.context().setOffline(true);
  await say(minsu, '끊긴 동안의 글');
  await expect(row.locator('.row-line')).toHaveText('보내는 중… 끊긴 동안의 글');
  await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first().click();
  await expect(minsu.locator('.stage h1')).toContainText('이영희');
  await expect(row.locator('.row-line'), 'of another conversation').toHaveText('보내는 중… 끊긴 동안의 글');
  await minsu.context().setOffline(false);
  await expect(row.locator('.row-line')).toHaveText('나: 끊긴 동안의 글', { timeout: 40_000 });
});

test('the page has the title of the conversation next to the list, until it is closed', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await expect(minsu).toHaveTitle('대화');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(minsu).toHaveTitle('박철수');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu).toHaveTitle('이영희');
  expect(await (await minsu.request.get(minsu.url())).text()).toContain('<title>이영희</title>');
  // The count stays before it.
  const cheolsu = await person('cheolsu');
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '김민수 (minsu)' }).click());
  await say(cheolsus, '세어질 글');
  await expect(minsu).toHaveTitle('(1) 이영희');
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await expect(minsu).toHaveTitle('(1) 최지우');
  await minsu.keyboard.press('Escape');
  await expect(minsu).toHaveTitle('(1) 대화');
});

test('a title in brackets is not taken for a count', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu', { viewport: { width: 1280, height: 800 } }), await person('cheolsu')];
  await group(minsu, ['박철수'], '(기획) 주간 회의');
  await minsu.locator('#tab-rooms').click();
  await expect(minsu).toHaveTitle('(기획) 주간 회의');
  await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).click();
  await expect(minsu).toHaveTitle('이영희');
  await minsu.locator('#panel-rooms a.row', { hasText: '(기획)' }).click();
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '김민수 (minsu)' }).click());
  await say(cheolsus, '세어질 글');
  await expect(minsu).toHaveTitle('(1) (기획) 주간 회의');
  await minsu.locator('#panel-rooms a.row', { hasText: '세어질 글' }).click();
  await expect(minsu).toHaveTitle('박철수');
});

test('Ctrl+K is the browser\'s where there is no palette', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  const isTaken = (page: Page) => page.evaluate(() => !dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true })));
  expect(await isTaken(minsu)).toBe(true);
  await expect(minsu.locator('#palette')).toBeFocused();
  expect(await isTaken(window)).toBe(false);
});
