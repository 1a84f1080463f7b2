// The main tasks, from the sign-in to the theme, by keyboard alone: no click, no focus by a script.
import { expect, type Locator, type Page } from '@playwright/test';
import { bubble, decide, hydrated, popup, test, DEMO_PASSWORD } from '../stage';

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press(key);
  }
  await expect(target, 'reached by Tab').toBeFocused();
}

/** The log is one tab stop; arrows move to its messages. */
async function tabToLog(page: Page): Promise<void> {
  await tabTo(page, page.getByRole('log'), 'Shift+Tab');
}

async function menuByKeys(page: Page, text: string): Promise<void> {
  await tabToLog(page);
  await expect(async () => {
    if (!(await bubble(page, text).evaluate((row) => row === document.activeElement))) await page.keyboard.press('ArrowUp');
    await expect(bubble(page, text)).toBeFocused({ timeout: 300 });
  }).toPass();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: '메시지 메뉴' }).getByRole('button').first()).toBeFocused();
}

/** Finds Younghee in the palette and writes to her; returns her window of the conversation. */
async function findAndPost(page: Page, younghee: Page): Promise<Page> {
  const keys = page.keyboard;
  await keys.press('Control+k');
  await keys.type('ㅇㅇㅎ');
  await expect(page.locator('.palette .row').first()).toContainText('이영희');
  await keys.press('Enter');
  await expect(page.locator('#composer')).toBeFocused();
  await keys.type('회의는 세 시입니다');
  await keys.press('Enter');
  const toast = younghee.getByRole('status', { name: '알림' });
  const hers = await popup(younghee, () => toast.getByRole('button', { name: '열기' }).first().click());
  await expect(bubble(hers, '회의는 세 시')).toBeVisible();
  return hers;
}

/** Edits the last message. */
async function edit(page: Page, hers: Page): Promise<void> {
  const keys = page.keyboard;
  await expect(bubble(page, '회의는 세 시')).toHaveAttribute('data-state', 'sent');
  await keys.press('ArrowUp');
  await expect(page.locator('b', { hasText: '메시지 수정' })).toBeVisible();
  await keys.press('Control+a');
  await keys.type('회의는 네 시입니다');
  await keys.press('Enter');
  await expect(bubble(hers, '회의는 네 시')).toContainText('수정됨');
}

/** Reacts to a message of hers, and replies to it. */
async function reactAndReply(page: Page, hers: Page): Promise<void> {
  const keys = page.keyboard;
  await hers.locator('#composer').fill('알겠습니다');
  await hers.locator('#composer').press('Enter');
  await expect(bubble(page, '알겠습니다')).toBeVisible();
  await menuByKeys(page, '알겠습니다');
  await keys.press('Enter');
  await expect(hers.getByRole('button', { name: '👍 1: 김민수 (minsu)' })).toBeVisible();
  await menuByKeys(page, '알겠습니다');
  await tabTo(page, page.getByRole('button', { name: '답장' }), 'ArrowDown');
  await keys.press('Enter');
  await expect(page.locator('#composer')).toBeFocused();
  await keys.type('고맙습니다');
  await keys.press('Enter');
  await expect(bubble(hers, '고맙습니다').locator('.quote')).toContainText('알겠습니다');
}

/** Recalls an own message, after the question. */
async function recall(page: Page, hers: Page): Promise<void> {
  const keys = page.keyboard;
  await expect(bubble(page, '고맙습니다')).toHaveAttribute('data-state', 'sent');
  await menuByKeys(page, '회의는 네 시');
  await keys.press('ArrowUp');
  await expect(page.getByRole('button', { name: '회수', exact: true })).toBeFocused();
  await keys.press('Enter');
  await expect(page.getByRole('button', { name: '취소' })).toBeFocused();
  await keys.press('ArrowRight');
  await keys.press('Enter');
  await expect(hers.getByText('읽은 뒤 회수된 메시지입니다.')).toBeVisible();
}

/** Finds a message from the list. */
async function search(page: Page): Promise<void> {
  const keys = page.keyboard;
  await tabToLog(page);
  await keys.press('/');
  await keys.type('알겠');
  await tabTo(page, page.getByRole('button', { name: '대화와 메시지에서 찾기' }));
  await keys.press('Enter');
  const hit = page.locator('.hit, a.row', { hasText: '알겠습니다' }).last();
  await expect(hit).toBeVisible();
  await tabTo(page, hit);
  await keys.press('Enter');
  await expect(bubble(page, '알겠습니다').first()).toBeFocused();
}

/** Changes the theme in the settings. */
async function changeTheme(page: Page): Promise<void> {
  const keys = page.keyboard;
  await keys.press('Control+k');
  await keys.type('설정');
  await keys.press('ArrowDown');
  await keys.press('Enter');
  await expect(page.getByRole('heading', { name: '설정' })).toBeVisible();
  await tabTo(page, page.locator('input[name=theme]:checked'));
  await keys.press('ArrowRight');
  await expect(page.locator('html')).toHaveAttribute('data-theme', /.+/);
}

test('sign in, find, post, edit, react, reply, recall, search, change the theme', async ({ server, person, browserOf }) => {
  const younghee = await person('younghee');
  const context = await browserOf({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/sign_in`);
  await decide(page, 'place=here');
  const keys = page.keyboard;
  await tabTo(page, page.locator('#login'));
  await keys.type('minsu');
  await keys.press('Tab');
  await keys.type(DEMO_PASSWORD);
  await keys.press('Enter');
  await page.waitForURL(`${server.url}/`);
  await hydrated(page);

  const hers = await findAndPost(page, younghee);
  await edit(page, hers);
  await reactAndReply(page, hers);
  await recall(page, hers);
  await search(page);
  await changeTheme(page);
});
