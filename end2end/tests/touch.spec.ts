// A phone: long press, targets of 44 px, pins, names that are too long for the screen.
import { type Page } from '@playwright/test';
import { bubble, choose, expect, test } from '../stage';

const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Elements that a finger cannot hit: lower or narrower than 44 px, without links in a text. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const target = 'button, a, summary, select, textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio]), label:has(> [type=checkbox], > [type=radio])';
    const isShown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('.unseen, .skip');
    const found = [...document.querySelectorAll<HTMLElement>(target)].filter((element) => isShown(element) && !element.closest('p, .body'));
    return found
      // A field in a label, or in the search field's box, is hit by its label.
      .map((element) => [element, (element.closest('label') ?? element).getBoundingClientRect()] as const)
      .filter(([, { width, height }]) => width > 0 && (width < 43.5 || height < 43.5))
      .map(([element, { width, height }]) => `${element.outerHTML.slice(0, 120)}: ${Math.round(width)} × ${Math.round(height)}`);
  });
}

test('a long press on a quote, or on any other part of a bubble, opens the menu of the message', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).tap();
  await bubble(minsu, '회의실 B로 옮겼어요').locator('[data-act=menu]').tap();
  await minsu.locator('[data-do=reply]').tap();
  await minsu.getByRole('textbox').fill('봤어요');
  await minsu.locator('.send').tap();
  const answer = bubble(minsu, '봤어요');
  await expect(answer).toHaveAttribute('data-state', 'sent');
  const devtools = await minsu.context().newCDPSession(minsu);
  const { x, y } = (await answer.locator('.quote').boundingBox())!;
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 20, y: y + 10 }] });
  await expect(minsu.locator('.bubble-menu')).toBeVisible();
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await minsu.locator('.bubble-menu [data-do=reply]').tap();
  await expect(minsu.locator('.mode')).toContainText('봤어요');
  await expect(minsu.locator('.shown'), 'no jump').toHaveCount(0);
  await answer.locator('.quote').tap();
  await expect(minsu.locator('.shown'), 'a tap jumps').toContainText('회의실 B로');
});

test('every target of a phone is 44 px high and wide', async ({ server, person, browserOf }) => {
  test.setTimeout(120_000);
  const check = async (page: Page, state: string) => expect.soft(await smallTargets(page), state).toEqual([]);
  const visitor = await (await browserOf(phone)).newPage();
  for (const path of ['/sign_in', '/register', '/entry', '/offline']) {
    await visitor.goto(server.url + path);
    await check(visitor, path);
  }
  const minsu = await person('minsu', phone);
  await minsu.locator('#tab-people').tap();
  await check(minsu, 'people');
  await minsu.locator('.row.me').tap();
  await check(minsu, 'own card');
  await minsu.keyboard.press('Escape');
  await minsu.locator('#panel-people .act').first().tap();
  await check(minsu, 'card');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.new-group').tap();
  await check(minsu, 'new group');
  await minsu.keyboard.press('Escape');
  await minsu.locator('#tab-rooms').tap();
  await check(minsu, 'conversations');
  await minsu.locator('.search input').fill('회의');
  await expect(minsu.locator('.hit').first()).toBeVisible();
  await check(minsu, 'search');
  await minsu.locator('.search input').fill('');
  await minsu.locator('a.row', { hasText: '이영희' }).tap();
  await expect(bubble(minsu, '회의실 B로')).toBeVisible();
  await check(minsu, 'conversation');
  await bubble(minsu, '회의실 B로').locator('[data-act=menu]').tap();
  await check(minsu, 'menu of a message');
  await minsu.locator('[data-do=pick]').tap();
  await check(minsu, 'other emojis');
  await minsu.keyboard.press('Escape');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.emoji-open').tap();
  await check(minsu, 'emojis');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.more summary').tap();
  await check(minsu, 'menu of the conversation');
  await minsu.locator('.more [data-do=date]').tap();
  await check(minsu, 'to a day');
  await minsu.goto(`${server.url}/settings`);
  await check(minsu, 'settings');
});

test('on a phone the button of a row of the list opens its menu, and a pinned row says so', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('#tab-rooms').tap();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '이영희' });
  const menu = minsu.getByRole('group', { name: '대화 메뉴' });
  await expect(row).toBeVisible();
  await row.locator('.act').tap();
  expect(await smallTargets(minsu)).toEqual([]);
  await menu.getByRole('button', { name: '위에 고정' }).tap();
  await expect(minsu.locator('#panel-rooms .row-item').first()).toContainText('이영희');
  await expect(row.getByText('위에 고정됨')).toHaveCount(1);
  await row.locator('a').tap();
  await minsu.locator('.more summary').tap();
  await expect(minsu.locator('.more').getByRole('button', { name: '고정 해제' })).toBeVisible();
  await minsu.keyboard.press('Escape');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await row.locator('.act').tap();
  await menu.getByRole('button', { name: '고정 해제' }).tap();
  await expect(row.getByText('위에 고정됨')).toHaveCount(0);
});

test('the sign-in page of a demonstration has room for the longest name', async ({ server, person, browserOf }) => {
  const minsu = await person('minsu');
  await minsu.goto(`${server.url}/settings`);
  await minsu.locator('#name').fill('Ш'.repeat(40));
  await minsu.locator('form[action="/api/name"] button').click();
  await expect(minsu.locator('.saved')).toBeVisible();
  for (const width of [320, 360, 1280]) {
    const visitor = await (await browserOf({ viewport: { width, height: 740 } })).newPage();
    await visitor.goto(`${server.url}/sign_in`);
    await expect(visitor.locator('.demo')).toContainText('Ш'.repeat(40));
    expect(await visitor.evaluate(() => document.documentElement.scrollWidth), `${width}`).toBe(width);
    const [inside, around] = [await visitor.locator('.demo button', { hasText: 'ШШШ' }).boundingBox(), await visitor.locator('.demo').boundingBox()];
    expect(inside!.x + inside!.width).toBeLessThanOrEqual(around!.x + around!.width);
  }
});
