// The focus after the tapped or pressed element has disappeared: near it, never at the beginning of the page.
import { type Locator, type Page } from '@playwright/test';
import { bubble, choose, decide, expect, fill, group, menuOf, pair, say, test } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Checks that the focus is on a visible element within one of the selector. */
async function isNear(page: Page, selector: string, after: string): Promise<void> {
  await expect.poll(() => page.evaluate((selector) => {
    const active = document.activeElement;
    const isSeen = active !== document.body && active?.checkVisibility({ visibilityProperty: true });
    return isSeen && active?.closest(selector) ? selector : `${active?.outerHTML.slice(0, 100)}`;
  }, selector), after).toBe(selector);
}

/** Presses the middle of an element with a finger: the target of a read count extends beyond its bubble. If rows still move under the finger, it is not a long press. */
async function press(page: Page, on: Locator): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const menu = page.locator('.bubble-menu');
  await expect(async () => {
    const { x, y, width, height } = (await on.boundingBox())!;
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + width / 2, y: y + height / 2 }] });
    await menu.waitFor({ timeout: 3_000 }).catch(() => {});
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(menu).toBeVisible({ timeout: 500 });
  }).toPass();
}

test('on a phone: a row of the list, "back", a selection, a recall', async ({ person }) => {
  const minsu = await person('minsu', phone);
  const row = minsu.locator('#panel-people button.row', { hasText: '이영희' }).first();
  await row.tap();
  await expect(bubble(minsu, '회의실 B로')).toBeVisible();
  await isNear(minsu, '.log', 'a row of the list');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await isNear(minsu, '.side', '"back"');
  await row.tap();
  await minsu.locator('#composer').fill('회수할 글');
  await minsu.locator('.send').tap();
  await expect(bubble(minsu, '회수할 글')).toHaveAttribute('data-state', 'sent');

  await press(minsu, bubble(minsu, '회수할 글').locator('.bubble'));
  await minsu.locator('.bubble-menu [data-do=select]').tap();
  await expect(minsu.locator('.selection-bar')).toBeVisible();
  await expect(bubble(minsu, '회수할 글')).toBeFocused();
  await minsu.locator('.selection-bar [data-ask]').tap();
  await isNear(minsu, '.sure', 'the question');
  await minsu.locator('.sure').getByRole('button', { name: '취소' }).tap();
  await expect(minsu.locator('.sure')).toHaveCount(0);
  await isNear(minsu, '.selection-bar [data-ask]', '"cancel" of the question');
  await minsu.locator('.selection-bar [data-do=end]').tap();
  await expect(minsu.locator('.selection-bar')).toHaveCount(0);
  await isNear(minsu, '.log', 'the end of the selection');

  await bubble(minsu, '회수할 글').locator('[data-act=menu]').tap();
  await minsu.locator('.bubble-menu [data-ask=recall]').tap();
  await minsu.locator('.sure [data-do=recall]').tap();
  await expect(minsu.locator('.gone')).toHaveCount(1);
  await isNear(minsu, '.said, .log', 'a recall');
});

test('on a phone: a member who is removed, a row that is hidden', async ({ person }) => {
  const maker = await person('minsu', wide);
  await decide(maker, 'place=here');
  await group(maker, ['이영희', '최지우', '박철수'], '내보낼 모임');
  const minsu = await person('minsu', phone);
  await minsu.locator('#tab-rooms').tap();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '내보낼 모임' });
  await row.locator('a.row').tap();
  await minsu.locator('.chat .bar .face').tap();
  const dialog = minsu.getByRole('dialog', { name: '참여자' });
  const members = dialog.locator('li');
  await dialog.getByRole('button', { name: '내보내기 박철수' }).tap();
  await minsu.keyboard.press('Escape');
  await expect(dialog.locator('.sure'), 'Escape closes the question alone').toHaveCount(0);
  await isNear(minsu, '.remove', 'the question');
  for (const [name, next] of [['박철수', '이영희'], ['최지우', '이영희']]) {
    const count = await members.count();
    await dialog.getByRole('button', { name: `내보내기 ${name}` }).tap();
    await dialog.locator('.sure').getByRole('button', { name: '내보내기' }).tap();
    await expect(members).toHaveCount(count - 1);
    await expect(members.filter({ hasText: next }).locator('.row'), name).toBeFocused();
  }
  await dialog.getByRole('button', { name: '닫기' }).tap();
  await isNear(minsu, '.chat', 'the dialog');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await row.locator('.act').tap();
  await minsu.locator('.list-menu [data-do=hide]').tap();
  await expect(row).toHaveCount(0);
  await isNear(minsu, '.side', 'a hidden row');
});

test('what is taken out of a list leaves the focus on its neighbour', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  for (const text of ['첫째', '둘째', '셋째']) {
    await say(minsus, `${text} 고정할 글`);
    await expect(bubble(minsus, `${text} 고정할`)).toHaveAttribute('data-state', 'sent');
    await (await menuOf(minsus, `${text} 고정할`)).getByRole('button', { name: '메시지 고정' }).click();
    await (await menuOf(minsus, `${text} 고정할`)).getByRole('button', { name: '책갈피' }).click();
  }
  await choose(minsus, '고정된 메시지');
  const pins = minsus.getByRole('dialog', { name: '고정된 메시지' });
  await expect(pins.locator('.row').first()).toBeFocused();
  for (const [taken, next] of [['둘째', '첫째'], ['첫째', '셋째']]) {
    await pins.getByRole('button', { name: `고정 해제: ${taken}` }).press('Enter');
    await expect(pins.locator('.row', { hasText: taken })).toHaveCount(0);
    await expect(pins.locator('.row', { hasText: next })).toBeFocused();
  }
  await pins.getByRole('button', { name: '고정 해제' }).press('Enter');
  await expect(pins.locator('.row')).toHaveCount(0);
  await expect(pins.getByRole('button', { name: '닫기' })).toBeFocused();
  await minsus.keyboard.press('Escape');
  await choose(minsus, '고정된 메시지');
  await expect(pins.getByRole('heading'), 'nothing to choose').toBeFocused();

  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('button', { name: '나를 멘션' }).press('Enter');
  await expect(minsu.getByText('나를 멘션한 메시지가 없습니다.')).toBeVisible();
  await expect(minsu.getByRole('dialog').getByRole('heading')).toBeFocused();
  await minsu.keyboard.press('Escape');
  await minsu.getByRole('button', { name: '책갈피' }).press('Enter');
  const bookmarks = minsu.getByRole('dialog', { name: '책갈피' });
  await expect(bookmarks.locator('.row').first()).toBeFocused();
  await bookmarks.getByRole('button', { name: '책갈피 해제' }).nth(1).press('Enter');
  await expect(bookmarks.locator('.row')).toHaveCount(2);
  await expect(bookmarks.locator('.row').last()).toBeFocused();
});

test('the last page of hits takes its button away, and the focus stays in the hits', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await fill(minsus, Array.from({ length: 60 }, (_, number) => `찾을 글 ${number}`));
  await minsus.keyboard.press('Control+f');
  await minsus.keyboard.type('찾을');
  const older = minsus.locator('.find .older');
  for (let pages = 0; pages < 5 && (await expect(minsus.locator('.find .hit').first()).toBeVisible(), await older.count()) > 0; pages++) {
    const count = await minsus.locator('.find .hit').count();
    await older.press('Enter');
    await expect.poll(() => minsus.locator('.find .hit').count()).toBeGreaterThan(count);
  }
  await expect(older).toHaveCount(0);
  await isNear(minsus, '.find .hit', 'the last page');
});
