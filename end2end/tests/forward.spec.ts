// Selecting messages by mouse and by keyboard; copying, forwarding and recalling them.
import type { Page } from '@playwright/test';
import { bubble, expect, menuOf, pair, popup, say, test } from '../stage';
import { chooseFiles, document, picture } from '../files';

test('messages are selected, and forwarded with a comment to a person found by consonants', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(minsus, '첫째 전달할 글');
  await say(cheolsus, '둘째 전달할 글');
  await expect(bubble(minsus, '둘째 전달할')).toBeVisible();
  await (await menuOf(minsus, '첫째 전달할')).getByRole('button', { name: '선택' }).click();
  const selection = minsus.getByRole('group', { name: '선택' });
  await expect(selection.getByText('1개 선택')).toBeVisible();
  await expect(minsus.getByRole('textbox', { name: '메시지' })).toBeHidden();
  await bubble(minsus, '둘째 전달할').focus();
  await minsus.keyboard.press('Space');
  await expect(selection.getByText('2개 선택')).toBeVisible();
  await bubble(minsus, '첫째 전달할').locator('.bubble').click();
  await expect(selection.getByText('1개 선택')).toBeVisible();
  await bubble(minsus, '첫째 전달할').getByRole('checkbox').click();
  await selection.getByRole('button', { name: '전달' }).click();
  const dialog = minsus.getByRole('dialog', { name: '전달' });
  await dialog.getByRole('searchbox').fill('ㅇㅇㅎ');
  await dialog.getByRole('searchbox').press('Enter');
  await expect(dialog.getByRole('checkbox', { name: /이영희/ })).toBeChecked();
  await expect(dialog.getByRole('status'), 'what Enter chose').toHaveText('이영희 선택됨');
  await dialog.getByRole('searchbox').fill('없는사람');
  await expect(dialog.getByRole('status'), 'whoever is chosen').toContainText('맞는 결과가 없습니다.');
  await dialog.getByRole('searchbox').fill('최지우');
  await expect(dialog.getByRole('status')).toHaveText('1개 찾음');
  await dialog.getByLabel('덧붙일 말').fill('참고하세요');
  await dialog.getByRole('button', { name: '전달' }).click();
  await expect(minsus.getByText('전달했습니다.')).toBeVisible();
  await expect(selection).toHaveCount(0);

  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await expect(window.locator('.said .body').filter({ hasText: /참고하세요|전달할 글/ })).toHaveText(['참고하세요', '첫째 전달할 글', '둘째 전달할 글']);
  await expect(bubble(window, '둘째 전달할').getByText('전달된 메시지')).toBeVisible();
});

test('own messages of a selection are recalled, and Escape ends it', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(cheolsus, '남의 글');
  await say(minsus, '내 글 하나');
  await say(minsus, '내 글 둘');
  await (await menuOf(minsus, '남의 글')).getByRole('button', { name: '선택' }).click();
  const selection = minsus.getByRole('group', { name: '선택' });
  await expect(selection.getByRole('button', { name: '내 메시지 회수' })).toHaveCount(0);
  await bubble(minsus, '내 글 하나').getByRole('checkbox').click();
  await bubble(minsus, '내 글 둘').getByRole('checkbox').click();
  await selection.getByRole('button', { name: '내 메시지 회수' }).click();
  await minsus.locator('.sure').getByRole('button', { name: '내 메시지 회수' }).click();
  await expect(bubble(cheolsus, '회수')).toHaveCount(2);
  await expect(minsus.getByRole('status').getByText('메시지를 회수했습니다.')).toBeVisible();
  await expect(bubble(cheolsus, '남의 글')).toBeVisible();
  await (await menuOf(minsus, '남의 글')).getByRole('button', { name: '선택' }).click();
  await minsus.keyboard.press('Escape');
  await expect(selection).toHaveCount(0);
  await expect(minsus.getByRole('textbox', { name: '메시지' })).toBeVisible();
});

/** Chooses the first match of each query as a target, and forwards. */
async function forwardTo(page: Page, queries: string[]): Promise<void> {
  const dialog = page.getByRole('dialog', { name: '전달' });
  for (const query of queries) {
    await dialog.getByRole('searchbox').fill(query);
    await dialog.getByRole('searchbox').press('Enter');
  }
  await dialog.getByRole('button', { name: '전달' }).click();
}

test('files are forwarded by keys alone, to a person and to notes, and outlive a recall', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await chooseFiles(cheolsus, [await picture(cheolsus, '도면.png', 320, 240), document('예산.txt', 12)]);
  await say(cheolsus, '현장 자료');
  await bubble(minsus, '현장 자료').focus();
  await minsus.keyboard.press('Enter');
  const item = minsus.getByRole('group', { name: '메시지 메뉴' }).getByRole('button', { name: '전달' });
  while (!(await item.evaluate((item) => item === window.document.activeElement))) await minsus.keyboard.press('ArrowDown');
  await minsus.keyboard.press('Enter');
  await forwardTo(minsus, ['나와의', 'ㅇㅇㅎ']);
  await expect(minsus.getByText('전달했습니다.')).toBeVisible();
  await (await menuOf(cheolsus, '현장 자료')).getByRole('button', { name: '회수' }).click();
  await cheolsus.locator('.sure').getByRole('button', { name: '회수' }).click();
  await expect(bubble(minsus, '회수')).toBeVisible();

  const younghees = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  const notes = await popup(minsu, async () => {
    await minsu.locator('.row.me').first().click();
    await minsu.getByRole('dialog').getByRole('button', { name: '나와의 대화' }).click();
  });
  for (const window of [younghees, notes]) {
    const copy = bubble(window, '현장 자료');
    await expect(copy.getByText('전달된 메시지')).toBeVisible();
    const image = copy.locator('.picture img');
    await expect(image).toHaveJSProperty('complete', true);
    expect(await image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    const [download] = await Promise.all([window.waitForEvent('download'), copy.getByRole('link', { name: /예산\.txt/ }).click()]);
    expect(download.suggestedFilename()).toBe('예산.txt');
  }
});

test('a forward whose answer was lost is sent again, and a reader sees it once', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const answers: string[] = [];
  await minsu.context().routeWebSocket(/\/chat\//, (route) => {
    const server = route.connectToServer();
    server.onMessage((frame) => {
      if (!String(frame).includes('"type":"forwarded"')) return route.send(frame);
      answers.push(String(frame));
      if (answers.length > 1) return route.send(frame);
      void server.close();
      void route.close({ code: 3001 });
    });
  });
  const [minsus] = await pair(minsu, cheolsu);
  await say(minsus, '한 번만 전달');
  await (await menuOf(minsus, '한 번만')).getByRole('button', { name: '전달' }).click();
  await forwardTo(minsus, ['ㅇㅇㅎ']);
  await expect(minsus.getByText('전달했습니다.')).toBeVisible();
  expect(answers).toHaveLength(2);
  expect(answers[1]).toBe(answers[0]);
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await expect(bubble(window, '한 번만 전달')).toHaveCount(1);
  await say(window, '끝');
  await expect(bubble(window, '끝')).toHaveAttribute('data-state', 'sent');
  await expect(bubble(window, '한 번만 전달')).toHaveCount(1);
});

test('a forward without an answer survives a reload of its window', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  let isCut = true;
  await minsu.context().routeWebSocket(/\/chat\//, (route) => {
    const server = route.connectToServer();
    route.onMessage((frame) => {
      if (!isCut || !String(frame).includes('"type":"forward"')) server.send(frame);
    });
  });
  const [minsus] = await pair(minsu, cheolsu);
  await say(minsus, '다시 열어도 전달');
  await (await menuOf(minsus, '다시 열어도')).getByRole('button', { name: '전달' }).click();
  await forwardTo(minsus, ['ㅇㅇㅎ']);
  const kept = () => minsus.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('.forward.')).length);
  await expect.poll(kept).toBe(1);
  isCut = false;
  await minsus.reload();
  await expect(minsus.getByText('전달했습니다.')).toBeVisible();
  expect(await kept()).toBe(0);
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await expect(bubble(window, '다시 열어도 전달')).toHaveCount(1);
});
