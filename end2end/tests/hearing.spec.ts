// What screen readers say without a move of the focus, and where the focus goes when its element disappears.
import type { Page } from '@playwright/test';
import { bubble, choose, expect, group, menuOf, openGroup, pair, say, test } from '../stage';
import { chooseFiles, document as fileOf, hold } from '../files';

/** The texts that the live regions of a page have had. */
async function spoken(page: Page): Promise<() => Promise<string>> {
  const texts = await page.evaluateHandle(() => {
    const texts: string[] = [];
    const note = () => document.querySelectorAll('[aria-live=polite], [role=status]').forEach(({ textContent }) => {
      if (textContent && texts.at(-1) !== textContent) texts.push(textContent);
    });
    new MutationObserver(note).observe(document.body, { childList: true, characterData: true, subtree: true });
    return texts;
  });
  return async () => (await texts.jsonValue()).join('\n');
}

test('a message has its author and its content as its name', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(cheolsus, '이름이 있는 글');
  await expect(minsus.getByRole('article', { name: '박철수 이름이 있는 글', exact: true })).toBeVisible();
  await say(minsus, '내 글');
  await expect(minsus.getByRole('article', { name: /^김민수( \(minsu\))? 내 글$/ })).toBeVisible();
});

test('an edit by the arrow key, a selection and the events of a group are announced', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  await group(minsu, ['박철수'], '발표 준비');
  const cheolsus = await openGroup(cheolsu, '발표 준비', '만들었습니다');
  const [minsuHears, cheolsuHears] = [await spoken(minsu), await spoken(cheolsus)];
  await minsu.locator('#composer').fill('고칠 글');
  await minsu.locator('#composer').press('Enter');
  await expect(bubble(cheolsus, '고칠 글')).toBeVisible();
  await minsu.locator('#composer').press('ArrowUp');
  await expect.poll(minsuHears).toContain('메시지 수정');
  // The region does not say so any longer than it is true.
  const status = minsu.locator('.chat .unseen[role=status]', { hasText: /^메시지 수정$/ });
  await minsu.keyboard.press('Escape');
  await expect(status).toHaveCount(0);
  await minsu.locator('#composer').press('ArrowUp');
  await expect(status).toHaveCount(1);
  await minsu.locator('#composer').fill('고칠 글, 고침');
  await minsu.locator('#composer').press('Enter');
  await expect(bubble(cheolsus, '고침')).toBeVisible();
  await expect(status).toHaveCount(0);
  await expect.poll(minsuHears).toMatch(/^수정됨$/m);
  await (await menuOf(minsu, '고칠 글')).getByRole('button', { name: '선택' }).click();
  await expect.poll(minsuHears).toContain('1개 선택');
  await minsu.keyboard.press('Escape');
  await (await menuOf(minsu, '고칠 글')).getByRole('button', { name: '공지로 등록' }).click();
  await expect.poll(cheolsuHears).toContain('공지');
});

test('a recall is announced, and an invitation with the name of who was invited', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  await group(minsu, ['박철수'], '발표 준비');
  const cheolsus = await openGroup(cheolsu, '발표 준비', '만들었습니다');
  const [minsuHears, cheolsuHears] = [await spoken(minsu), await spoken(cheolsus)];
  await say(minsu, '거둘 글');
  await (await menuOf(minsu, '거둘 글')).getByRole('button', { name: '회수', exact: true }).click();
  await minsu.locator('.sure').getByRole('button', { name: '회수', exact: true }).click();
  await expect.poll(minsuHears).toContain('메시지를 회수했습니다.');
  await choose(minsu, '사람 초대');
  await minsu.getByRole('checkbox', { name: /최지우/ }).check();
  await minsu.getByRole('button', { name: '초대하기' }).click();
  for (const hears of [minsuHears, cheolsuHears]) {
    await expect.poll(hears).toContain('최지우님을 초대했습니다.');
    expect(await hears()).not.toContain('님이 님을');
  }
});

test('a reaction to a message is announced to its author alone, without the text of the message', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(minsus, '반응을 받을 글');
  const [minsuHears, cheolsuHears] = [await spoken(minsus), await spoken(cheolsus)];
  await (await menuOf(cheolsus, '반응을 받을 글')).getByRole('button', { name: '👍' }).click();
  await expect.poll(minsuHears).toMatch(/^박철수님이 내 메시지에 .+ 반응을 남겼습니다\.$/m);
  expect(await cheolsuHears()).not.toContain('반응을 남겼습니다');
  await expect(minsus.locator('.unseen[role=status]', { hasText: '반응을 받을 글' })).toHaveCount(0);
});

test("another's edit is announced with its text, their recall without it", async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(cheolsus, '금액은 삼백입니다');
  await expect(bubble(minsus, '삼백')).toBeVisible();
  const [minsuHears, cheolsuHears] = [await spoken(minsus), await spoken(cheolsus)];
  await cheolsus.locator('#composer').press('ArrowUp');
  await say(cheolsus, '금액은 오백입니다');
  await expect.poll(minsuHears).toContain('박철수님이 메시지를 고쳤습니다: 금액은 오백입니다');
  await (await menuOf(cheolsus, '오백')).getByRole('button', { name: '회수', exact: true }).click();
  await cheolsus.locator('.sure').getByRole('button', { name: '회수', exact: true }).click();
  await expect.poll(minsuHears).toContain('박철수님이 메시지를 회수했습니다.');
  await expect(minsus.locator('.unseen', { hasText: '오백' }), 'no region keeps it').toHaveCount(0);
  expect(await cheolsuHears()).not.toContain('박철수님이');
});

test('a selected message says so, and the check boxes are no tab stops', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus] = await pair(minsu, cheolsu);
  for (const text of ['첫째 고를 글', '둘째 고를 글']) await say(minsus, text);
  await (await menuOf(minsus, '첫째 고를')).getByRole('button', { name: '선택' }).click();
  await expect(minsus.getByRole('article', { name: /첫째 고를 글 선택됨$/ })).toBeVisible();
  const second = bubble(minsus, '둘째 고를');
  await expect(second).toHaveAccessibleName(/둘째 고를 글$/);
  await second.focus();
  await minsus.keyboard.press('Space');
  await expect(second).toHaveAccessibleName(/둘째 고를 글 선택됨$/);
  await expect(minsus.locator('.chat .unseen[role=status]', { hasText: '2개 선택' })).toHaveCount(1);
  await minsus.keyboard.press('Tab');
  await expect(minsus.locator('.pick:focus')).toHaveCount(0);
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('.chat .unseen[role=status]', { hasText: '선택' }), 'once it is over').toHaveCount(0);
});

test('each edit is announced, once the server has it', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus] = await pair(minsu, cheolsu);
  await say(minsus, '고칠 글');
  await expect(bubble(minsus, '고칠 글')).toHaveAttribute('data-state', 'sent');
  const [field, said] = [minsus.locator('#composer'), minsus.locator('.unseen[role=status]', { hasText: /^수정됨$/ })];
  const edit = async (text: string) => {
    await field.press('ArrowUp');
    await expect(said).toHaveCount(0);
    await field.fill(text);
    await field.press('Enter');
    await expect(field).toHaveValue('');
  };
  for (const text of ['한 번 고친 글', '두 번 고친 글']) {
    await edit(text);
    await expect(said).toHaveCount(1);
  }
  await minsus.context().setOffline(true);
  await expect(minsus.locator('.chat .lost').first()).toBeVisible();
  await edit('끊긴 뒤에 고친 글');
  await expect(bubble(minsus, '끊긴 뒤에')).toBeVisible();
  await expect(said).toHaveCount(0);
  await minsus.context().setOffline(false);
  await expect(said).toHaveCount(1);
});

test('a file that is taken out of the tray is announced', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus] = await pair(minsu, cheolsu);
  const hears = await spoken(minsus);
  const release = await hold(minsus);
  await chooseFiles(minsus, [fileOf('뺄 파일.txt', 20_000)]);
  await minsus.getByRole('button', { name: /뺄 파일\.txt.*취소/ }).click();
  await expect.poll(hears).toContain('뺄 파일.txt: 보내지 않습니다.');
  release();
});

test('the focus goes to the next row when a conversation is hidden, and to the search when a target is removed', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus] = await pair(minsu, cheolsu);
  await say(minsus, '전달할 글');
  await minsu.getByRole('tab', { name: '대화' }).click();
  const rows = minsu.locator('#panel-rooms .row[href]');
  await expect(rows.nth(1)).toBeVisible();
  const second = await rows.nth(1).getAttribute('href');
  await rows.nth(0).focus();
  await minsu.keyboard.press('ArrowRight');
  await minsu.keyboard.press('Enter');
  await minsu.locator('.list-menu').getByRole('button', { name: '목록에서 숨기기' }).focus();
  await minsu.keyboard.press('Enter');
  await expect.poll(() => minsu.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(second);

  await (await menuOf(minsus, '전달할 글')).getByRole('button', { name: '전달' }).click();
  const dialog = minsus.getByRole('dialog', { name: '전달' });
  const search = dialog.getByRole('searchbox');
  await search.fill('이영희');
  await dialog.getByRole('checkbox', { name: /이영희/ }).check();
  await search.fill('최지우');
  await expect(dialog.getByRole('checkbox')).toHaveCount(2);
  await search.focus();
  await minsus.keyboard.press('Tab');
  await expect(dialog.getByRole('checkbox').first()).toBeFocused();
  await dialog.getByRole('checkbox', { name: /이영희/ }).focus();
  await minsus.keyboard.press('Space');
  await expect(dialog.getByRole('checkbox', { name: /이영희/ })).toHaveCount(0);
  await expect(search).toBeFocused();
});

test('what is typed on a row of the palette goes on in its field', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.keyboard.press('Control+k');
  await minsu.keyboard.type('a');
  await minsu.keyboard.press('ArrowDown');
  await expect(minsu.locator('#palette')).not.toBeFocused();
  await minsu.keyboard.type('bc');
  await expect(minsu.locator('#palette')).toHaveValue('abc');
  await expect(minsu.locator('#palette')).toBeFocused();
});

/** The time in ms from the last change of the search to the announcement that nothing was found. */
function pauseBeforeNothing(page: Page): Promise<number> {
  return page.evaluate(() => new Promise((over) => {
    let typed = 0;
    document.querySelector('.search input')!.addEventListener('input', () => { typed = performance.now(); });
    const look = () => {
      if (document.querySelector('.side > .unseen[role=status]')?.textContent?.includes('없습니다')) over(performance.now() - typed);
    };
    new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
  }));
}

test('the search of the list says what it found, and not during a syllable that nothing was found', async ({ person }) => {
  const minsu = await person('minsu');
  const [field, status] = [minsu.getByRole('searchbox'), minsu.locator('.side > .unseen[role=status]')];
  await minsu.getByRole('tab', { name: '사람' }).click();
  await field.fill('박철수');
  await expect(status).toHaveText('1명을 찾았습니다. 첫 결과: 박철수 (Enter로 선택)');
  await field.fill('없는사람');
  await expect(status).toContainText('맞는 사람이 없습니다.');
  await minsu.getByRole('tab', { name: '대화' }).click();
  await field.fill('없는말없는말');
  await expect(status).toContainText('맞는 결과가 없습니다.');
  // A conversation matches, no message does.
  await field.fill('');
  await expect(status).toHaveCount(0);
  const hears = await spoken(minsu);
  await field.fill('이영희');
  await expect(status).toHaveText(/^\d+개 찾음\. 첫 결과: 이영희 \(Enter로 선택\)$/);
  expect(await hears()).not.toContain('없습니다');

  await field.fill('');
  await expect(status).toHaveCount(0);
  const pause = pauseBeforeNothing(minsu);
  await field.fill('뷁');
  await expect(minsu.locator('#panel-rooms .hint')).toContainText('없습니다');
  await field.fill('뷁뷁');
  // Input methods keep the last syllable open.
  expect(await pause).toBeGreaterThan(1_000);
});

test('a search in the conversations shows the way to a person without one', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  await cheolsu.getByRole('tab', { name: '대화' }).click();
  await cheolsu.getByRole('searchbox').fill('이영희');
  await expect(cheolsu.locator('.side > .unseen[role=status]')).toHaveText('대화와 메시지에는 없습니다. 사람에서 찾을 수 있습니다.');
  await cheolsu.getByRole('button', { name: '사람에서 찾기' }).click();
  await expect(cheolsu.getByRole('tab', { name: '사람' })).toHaveAttribute('aria-selected', 'true');
  await expect(cheolsu.getByRole('searchbox')).toBeFocused();
  await expect(cheolsu.locator('#panel-people button.row', { hasText: '이영희' })).toBeVisible();
  await expect(cheolsu.getByRole('button', { name: '사람에서 찾기' })).toHaveCount(0);
});
