import type { Page } from '@playwright/test';
import { bubble, expect, menuOf, pair, say, test } from '../stage';

test('edit, reply, react, copy and recall by mouse', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  const [minsus, cheolsus] = await pair(await person('minsu'), cheolsu);
  await say(minsus, '세 시에 만나요');
  await (await menuOf(minsus, '세 시에')).getByRole('button', { name: '수정' }).click();
  await expect(minsus.locator('b', { hasText: '메시지 수정' })).toBeVisible();
  await expect(minsus.locator('#composer')).toHaveValue('세 시에 만나요');
  await say(minsus, '네 시에 만나요');
  await expect(bubble(cheolsus, '네 시에 만나요').getByText('수정됨')).toBeVisible();
  await expect(bubble(cheolsus, '세 시에')).toHaveCount(0);

  await (await menuOf(cheolsus, '네 시에')).getByRole('button', { name: '답장' }).click();
  await expect(cheolsus.getByText('김민수 (minsu)님에게 답장')).toBeVisible();
  await say(cheolsus, '좋습니다');
  const answer = bubble(minsus, '좋습니다');
  await expect(answer.locator('.quote')).toContainText('네 시에 만나요');
  await answer.locator('.quote').click();
  await expect(bubble(minsus, '네 시에 만나요').first()).toBeFocused();

  const question = (page: Page) => page.locator('.said', { has: page.locator('.body', { hasText: '네 시에 만나요' }) });
  await (await menuOf(cheolsus, question(cheolsus))).getByRole('button', { name: '👍' }).click();
  const chip = minsus.getByRole('button', { name: '👍 1: 박철수' });
  await expect(chip).toBeVisible();
  await chip.click();
  await expect(minsus.getByRole('button', { name: '👍 2: 박철수, 김민수' })).toHaveAttribute('aria-pressed', 'true');
  const menu = await menuOf(minsus, '좋습니다');
  await menu.getByRole('button', { name: '다른 이모지' }).click();
  await menu.getByRole('button', { name: '🎉' }).click();
  await expect(cheolsus.getByRole('button', { name: '🎉 1: 김민수 (minsu)' })).toBeVisible();

  const recall = await menuOf(minsus, question(minsus));
  await recall.getByRole('button', { name: '회수' }).click();
  await recall.getByRole('group', { name: '회수하면 되돌릴 수 없습니다.' }).getByRole('button', { name: '회수' }).click();
  await expect(cheolsus.getByText('읽은 뒤 회수된 메시지입니다.')).toBeVisible();
  await expect(bubble(cheolsus, '좋습니다').locator('.quote')).toContainText('회수된 메시지입니다.');
  await expect(cheolsus.getByText('네 시에 만나요')).toHaveCount(0);
  await cheolsus.reload();
  await expect(cheolsus.getByText('읽은 뒤 회수된 메시지입니다.')).toBeVisible();
});

test('the same by keyboard alone, and Escape returns', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  const [minsus, cheolsus] = await pair(await person('minsu'), cheolsu);
  await say(minsus, '오타가 이써요');
  await expect(bubble(minsus, '오타가')).toHaveAttribute('data-state', 'sent');
  await minsus.keyboard.press('ArrowUp');
  await expect(minsus.locator('b', { hasText: '메시지 수정' })).toBeVisible();
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('b', { hasText: '메시지 수정' })).toBeHidden();
  await expect(minsus.locator('#composer')).toHaveValue('');
  await minsus.keyboard.press('ArrowUp');
  await minsus.locator('#composer').fill('오타가 있어요');
  await minsus.keyboard.press('Enter');
  await expect(bubble(cheolsus, '오타가 있어요')).toBeVisible();

  const button = bubble(minsus, '오타가').getByRole('button', { name: '메시지 메뉴' });
  await button.focus();
  await minsus.keyboard.press('Enter');
  await expect(minsus.getByRole('button', { name: '👍' })).toBeFocused();
  await minsus.keyboard.press('ArrowUp');
  await expect(minsus.getByRole('button', { name: '회수' })).toBeFocused();
  await minsus.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await expect(minsus.getByRole('group', { name: '메시지 메뉴' })).toHaveCount(0);
});

test('any emoji is chosen by keys alone, and Escape returns step by step', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await say(minsus, '점심 먹으러 갑시다');
  const button = bubble(minsus, '점심').getByRole('button', { name: '메시지 메뉴' });
  await expect(bubble(minsus, '점심')).toHaveAttribute('data-state', 'sent');
  await minsus.locator('.emoji-open').click();
  await expect(minsus.locator('.emoji-picker')).toHaveCount(1);
  await button.focus();
  await minsus.keyboard.press('Enter');
  await expect(minsus.locator('.emoji-picker')).toHaveCount(0);
  const more = minsus.getByRole('button', { name: '다른 이모지' });
  await more.focus();
  await minsus.keyboard.press('Enter');
  const emojis = minsus.locator('.bubble-menu .emoji-list button');
  const search = minsus.locator('.bubble-menu .emoji-picker input');
  await expect(search).toBeFocused();
  await minsus.keyboard.press('Escape');
  await expect(more).toBeFocused();
  await minsus.keyboard.press('Enter');
  await expect(search).toBeFocused();
  // Below the field are the emojis, then the categories: a step up from the field wraps around to the categories.
  await minsus.keyboard.press('ArrowUp');
  await expect(minsus.locator('.bubble-menu [data-category]').first()).toBeFocused();
  await minsus.keyboard.press('ArrowDown');
  await expect(search).toBeFocused();
  for (let step = 0; step < 2; step++) await minsus.keyboard.press('ArrowDown');
  await minsus.keyboard.press('ArrowRight');
  await expect(emojis.nth(9)).toBeFocused();
  const wanted = (await emojis.nth(9).textContent())!;
  await minsus.keyboard.press('Enter');
  await expect(bubble(minsus, '점심').locator('.chip')).toContainText(wanted);
  await expect(button).toBeFocused();
});

test('a double click on "recall" only asks, and so does Enter pressed twice', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await say(minsus, '지우면 안 되는 글');
  await expect(bubble(minsus, '지우면')).toHaveAttribute('data-state', 'sent');
  const question = minsus.getByRole('group', { name: '회수하면 되돌릴 수 없습니다.' });
  await (await menuOf(minsus, '지우면')).getByRole('button', { name: '회수' }).dblclick();
  await expect(question).toBeVisible();
  // The second click leaves the focus in the question, so that keys still work.
  await expect(minsus.locator('.sure:focus, .sure :focus')).toHaveCount(1);
  // Escape closes the question, then the menu.
  await minsus.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(minsus.locator('.bubble-menu').getByRole('button', { name: '회수' })).toBeFocused();
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('.bubble-menu')).toHaveCount(0);
  await (await menuOf(minsus, '지우면')).getByRole('button', { name: '회수' }).focus();
  await minsus.keyboard.press('Enter');
  await expect(question.getByRole('button', { name: '취소' })).toBeFocused();
  await minsus.keyboard.press('Enter');
  await expect(minsus.locator('.bubble-menu')).toHaveCount(0);
  await minsus.reload();
  await expect(bubble(minsus, '지우면 안 되는 글')).toBeVisible();
});

test('an unsent message waits while another one is edited', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  const [minsus] = await pair(await person('minsu'), cheolsu);
  await say(minsus, '먼저 보낸 글');
  await minsus.locator('#composer').fill('쓰다 만 글');
  await (await menuOf(minsus, '먼저 보낸')).getByRole('button', { name: '수정' }).click();
  await say(minsus, '먼저 보내고 고친 글');
  await expect(minsus.locator('#composer')).toHaveValue('쓰다 만 글');
});

test('the panel of emojis takes no focus from whom went elsewhere before it was drawn', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await say(minsus, '점심 먹으러 갑시다');
  const field = minsus.getByRole('textbox');
  await minsus.locator('.emoji-open').click();
  await expect(minsus.locator('.emoji-picker input')).toBeFocused();
  await minsus.keyboard.press('Escape');
  // Frames are delayed, as on a slow machine.
  await minsus.evaluate(() => {
    const frames = new Map<number, FrameRequestCallback>();
    let last = 0;
    Object.assign(window, {
      requestAnimationFrame: (frame: FrameRequestCallback) => { frames.set(++last, frame); return last; },
      cancelAnimationFrame: (frame: number) => frames.delete(frame),
      drawAll: () => [...frames].forEach(([number, frame]) => { frames.delete(number); frame(performance.now()); }),
    });
  });
  await minsus.locator('.emoji-open').click();
  await expect(minsus.locator('.emoji-picker')).toHaveCount(1);
  await field.focus();
  await minsus.evaluate(() => (window as unknown as { drawAll: () => void }).drawAll());
  await expect(field).toBeFocused();
});

test('in forced colours a quote has room within its border', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 }, forcedColors: 'active' });
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '> 인용한 줄');
  await expect(bubble(minsu, '인용한 줄')).toHaveAttribute('data-state', 'sent');
  await (await menuOf(minsu, '인용한 줄')).getByRole('button', { name: '답장' }).click();
  await say(minsu, '답입니다');
  for (const quote of [bubble(minsu, '인용한 줄').first().locator('.quoted'), bubble(minsu, '답입니다').locator('.quote')]) {
    await expect(quote).toHaveCSS('border-right-width', '1px');
    expect(await quote.evaluate((quote) => parseFloat(getComputedStyle(quote).paddingRight))).toBeGreaterThan(5);
  }
});
