// The log: where it opens, what is announced, and how keys and touch move in it.
import { bubble, decide, expect, fill, hydrated, menuOf, pair, say, test } from '../stage';

test('with many unread messages a window opens at the first that no window has shown', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(minsus, '읽은 글');
  await expect(bubble(minsus, '읽은 글')).toHaveAttribute('data-state', 'sent');
  await expect(bubble(minsus, '읽은 글').getByText('1명이 읽지 않음')).toHaveCount(0);
  const room = cheolsus.url();
  await cheolsus.close();
  await fill(minsus, Array.from({ length: 300 }, (_, number) => `밀린 글 ${number}.`));
  const first = (page: typeof cheolsu) => page.locator('.new-from-here + .said .body');
  const beside = `/?room=${room.split('/').pop()}`;
  await decide(cheolsu, 'place=here');
  await cheolsu.setViewportSize({ width: 1280, height: 700 });
  const notRead = (number: number) => bubble(minsus, `밀린 글 ${number}.`).getByText('1명이 읽지 않음');
  /** Opens at this message, and returns the number of the first message that is still unread: the first whose end is not visible. */
  const opensAt = async (number: number) => {
    await hydrated(cheolsu);
    await expect(first(cheolsu)).toHaveText(`밀린 글 ${number}.`);
    await expect(first(cheolsu)).toBeInViewport();
    const shown = await cheolsu.getByRole('log').evaluate((log) => {
      const end = log.getBoundingClientRect().bottom;
      return [...log.querySelectorAll('.said')].filter((row) => row.getBoundingClientRect().bottom < end - 2).at(-1)!.querySelector('.body')!.textContent!;
    });
    await expect(notRead(Number(/\d+/.exec(shown)![0]))).toHaveCount(0);
    const next = 300 - await minsus.locator('.not-read').count();
    await expect(bubble(cheolsu, `밀린 글 ${next}.`), `the next one after ${shown}`).not.toBeInViewport({ ratio: 1 });
    return next;
  };
  let next = 0;
  for (const path of [room, new URL(beside, room).href]) {
    await cheolsu.goto(path);
    next = await opensAt(next);
    await cheolsu.reload();
    next = await opensAt(next);
  }
  // A room that its socket loads opens there, too.
  await cheolsu.goto(new URL('/', room).href);
  await hydrated(cheolsu);
  await cheolsu.getByRole('tab', { name: /대화/ }).click();
  await cheolsu.locator('#panel-rooms a.row', { hasText: '김민수' }).first().click();
  next = await opensAt(next);
  expect(next).toBeLessThan(250);
  const log = cheolsu.getByRole('log');
  await expect(async () => {
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect(bubble(cheolsu, '밀린 글 299.')).toBeInViewport({ timeout: 200 });
  }).toPass();
  await expect(bubble(minsus, '밀린 글 299.').getByText('1명이 읽지 않음')).toHaveCount(0);
  await expect(cheolsu.locator('#tab-rooms .badge')).toHaveCount(0);
});

test('by keys: moving, replying, reacting, and the focus stays near', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  await fill(minsus, ['하나', '둘 https://example.org', '가'.repeat(1200), '셋']);
  const log = minsus.getByRole('log');
  // Read receipts render the rows again, so the keys start after that.
  await expect(bubble(minsus, '셋')).toHaveAttribute('data-state', 'sent');
  await expect(minsus.getByText('1명이 읽지 않음')).toHaveCount(0);
  await log.focus();
  await minsus.keyboard.press('ArrowUp');
  await expect(bubble(minsus, '셋')).toBeFocused();
  await minsus.keyboard.press('Home');
  await expect(minsus.locator('.said').first()).toBeFocused();
  await bubble(minsus, '하나').focus();
  await minsus.keyboard.press('ArrowDown');
  await minsus.keyboard.press('ArrowRight');
  await expect(minsus.getByRole('link', { name: 'https://example.org' })).toBeFocused();
  // One tab stop: the next one is the composer.
  await minsus.keyboard.press('Tab');
  expect(await minsus.evaluate(() => document.activeElement!.closest('.log'))).toBe(null);
  await bubble(minsus, '둘').focus();
  await minsus.keyboard.press('ArrowDown');
  const long = minsus.locator('.said:focus');
  await minsus.keyboard.press('ArrowRight');
  await expect(minsus.getByRole('button', { name: '전체 보기' })).toBeFocused();
  await minsus.keyboard.press('Enter');
  await expect(minsus.getByRole('button', { name: '전체 보기' })).toBeHidden();
  await expect(long).toHaveCount(1);

  await minsus.keyboard.press('e');
  await minsus.keyboard.press('Enter');
  const chip = bubble(minsus, '가가').getByRole('button', { name: '👍 1: 김민수' });
  await expect(chip).toBeVisible();
  await chip.focus();
  await minsus.keyboard.press('Enter');
  await expect(chip).toHaveCount(0);
  await expect(minsus.locator('.said:focus, .said :focus')).toHaveCount(1);
  await minsus.keyboard.press('e');
  await minsus.keyboard.press('Enter');
  await expect(bubble(cheolsus, '가가').locator('.chip')).toHaveAttribute('aria-pressed', 'false');
  await minsus.keyboard.press('r');
  await expect(minsus.locator('#composer')).toBeFocused();
  await expect(minsus.getByText('김민수 (minsu)님에게 답장')).toBeVisible();
  await expect(bubble(minsus, '셋')).toBeInViewport({ ratio: 1 });

  await bubble(minsus, '둘').focus();
  await minsus.keyboard.press('Enter');
  await minsus.locator('[data-ask=recall]').press('Enter');
  await minsus.locator('.sure [data-do=recall]').press('Enter');
  await expect(minsus.getByText('회수된 메시지입니다.')).toBeVisible();
  await expect(minsus.locator('.said:focus .gone')).toHaveCount(1);
});

test('a recalled text does not stay in the announcement, and a copy is what is visible', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  await say(minsus, '잘못 보낸 글');
  const spoken = cheolsus.locator('.log-frame [aria-live=polite]');
  await expect(spoken).toContainText('잘못 보낸 글');
  const menu = await menuOf(minsus, '잘못 보낸');
  await menu.getByRole('button', { name: '회수' }).click();
  await menu.getByRole('group').getByRole('button', { name: '회수' }).click();
  await expect(spoken).toHaveText('');

  await say(minsus, '복사할 글 https://example.org');
  await expect(bubble(cheolsus, '복사할 글')).toBeVisible();
  const copied = await cheolsus.evaluate(() => {
    const range = document.createRange();
    range.selectNode([...document.querySelectorAll('.said')].pop()!);
    getSelection()!.removeAllRanges();
    getSelection()!.addRange(range);
    return getSelection()!.toString();
  });
  expect(copied).toContain('복사할 글 https://example.org');
  expect(copied).not.toMatch(/김민수.*김민수|읽지 않음/s);
  await cheolsus.emulateMedia({ media: 'print' });
  const [shown, all] = await cheolsus.getByRole('log').evaluate((log) => [log.clientHeight, log.scrollHeight]);
  expect(all - shown).toBeLessThan(5);
  await expect(cheolsus.locator('#composer')).toBeHidden();
});

test('a long press on a message opens its menu', async ({ person }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).tap();
  const body = bubble(minsu, '회의실 B로 옮겼어요').locator('.body');
  await expect(body).toBeVisible();
  const { x, y } = (await body.boundingBox())!;
  const devtools = await minsu.context().newCDPSession(minsu);
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 20, y: y + 10 }] });
  await expect(minsu.locator('.bubble-menu')).toBeVisible();
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await minsu.locator('.bubble-menu [data-do=reply]').tap();
  await expect(minsu.getByText('이영희님에게 답장')).toBeVisible();
});
