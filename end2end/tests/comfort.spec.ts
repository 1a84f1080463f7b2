// The status, menus by right click, the last tab, emojis, notices, the picker, the palette.
import type { Page } from '@playwright/test';
import { bubble, decide, expect, hydrated, isAccessible, pair, popup, say, signIn, test, PASSWORD } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };
const status = (page: Page) => page.getByRole('button', { name: '내 상태' });

test('a status with an end is set from one\'s own picture, and ends by itself in every window', async ({ person, browserOf, server }) => {
  const [minsu, younghee] = [await person('minsu'), await person('younghee')];
  const phone = await (await browserOf({ viewport: { width: 390, height: 844 } })).newPage();
  await signIn(phone, server, 'younghee');
  await hydrated(phone);
  const row = minsu.locator('#panel-people .row', { hasText: '이영희' }).first();
  await status(younghee).focus();
  await younghee.keyboard.press('Enter');
  const card = younghee.getByRole('dialog', { name: '이영희' });
  await card.getByRole('button', { name: '회의 중' }).click();
  await expect(card.getByLabel('상태 메시지')).toHaveValue('회의 중');
  await expect(card.getByLabel('다른 용무 중')).toBeChecked();
  await expect(card.getByRole('radio', { name: '1시간 뒤' })).toBeChecked();
  await isAccessible(younghee);
  await card.getByRole('button', { name: '저장' }).click();
  await expect(status(younghee)).toBeFocused();
  await expect(row).toContainText('회의 중');
  await expect(row.locator('.dot')).toHaveText('다른 용무 중');
  await minsu.getByRole('button', { name: /^이영희 정보 보기/ }).first().click();
  await expect(minsu.getByRole('dialog', { name: '이영희' })).toContainText(/회의 중 · \d\d:\d\d까지/);
  await minsu.keyboard.press('Escape');

  // A custom time, not in the past. The field has minutes, so the test sets the end by the page's clock.
  await status(younghee).click();
  await card.getByLabel('직접 정하기').check();
  await card.getByLabel('끝나는 시각').fill('2020-01-01T09:00');
  await card.getByRole('button', { name: '저장' }).click();
  await expect(card.getByRole('alert')).toHaveText('지금보다 뒤의 시각을 골라 주세요.');
  await expect(card.getByLabel('끝나는 시각')).toBeFocused();
  await younghee.evaluate(() => {
    const real = Date.now;
    // Half an hour from a clock that is 29 minutes and 57 seconds slow.
    Date.now = () => real() - (30 * 60 - 3) * 1000;
  });
  await card.getByLabel('30분 뒤').check();
  await card.getByRole('button', { name: '저장' }).click();
  await expect(row).not.toContainText('회의 중');
  await expect(row.locator('.dot')).toHaveText('온라인');
  for (const page of [younghee, phone]) await expect(page.locator('.side > .bar p')).toHaveText('이영희 · 온라인');
});

test('a status is cleared by its button', async ({ person }) => {
  const minsu = await person('minsu');
  await status(minsu).click();
  const card = minsu.getByRole('dialog');
  await expect(card.getByRole('button', { name: '상태 지우기' })).toHaveCount(0);
  await card.getByRole('button', { name: '외근' }).click();
  await minsu.keyboard.press('Enter');
  await expect(minsu.locator('.side > .bar p'), 'without the workplace, although there is a namesake').toHaveText('김민수 · 외근');
  const announced = minsu.getByRole('status', { name: '알림' });
  await expect(announced).toContainText('저장했습니다.');
  await status(minsu).click();
  await expect(card).toContainText(/외근 · 23:59까지/);
  await card.getByRole('button', { name: '상태 지우기' }).click();
  await expect(minsu.locator('.side > .bar p')).toHaveText('김민수 · 온라인');
  await expect(announced).toContainText('해제했습니다.');
});

test('a right click opens the menu of the row, at the pointer; with Shift, on links and on selected text the browser\'s own opens', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '오른쪽을 누를 글 https://example.org');
  const said = bubble(minsu, '오른쪽을 누를 글');
  await expect(said).toHaveAttribute('data-state', 'sent');
  const menu = minsu.getByRole('group', { name: '메시지 메뉴' });
  const text = said.locator('.body');
  await text.click({ button: 'right', position: { x: 20, y: 10 } });
  await expect(menu.getByRole('button', { name: '답장' })).toBeVisible();
  const [at, place] = [(await text.boundingBox())!, (await menu.boundingBox())!];
  expect(Math.abs(place.x - at.x - 20)).toBeLessThan(3);
  await minsu.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(said.locator('[data-act=menu]')).toBeFocused();
  await minsu.keyboard.press('Enter');
  await expect(menu).toBeVisible();
  const button = (await said.locator('[data-act=menu]').boundingBox())!;
  const beside = (await menu.boundingBox())!;
  expect(beside.x + beside.width > button.x && beside.x <= button.x + 1, 'at its button by the keyboard').toBe(true);
  await minsu.keyboard.press('Escape');
  for (const own of [
    () => text.click({ button: 'right', modifiers: ['Shift'], position: { x: 20, y: 10 } }),
    () => said.getByRole('link').click({ button: 'right' }),
    async () => {
      await text.selectText();
      await text.click({ button: 'right', position: { x: 20, y: 10 } });
    },
  ]) {
    const prevented = minsu.evaluate(() => new Promise((seen) => addEventListener('contextmenu', (event) => setTimeout(() => seen(event.defaultPrevented)), { once: true })));
    await own();
    expect(await prevented).toBe(false);
    await expect(menu).toHaveCount(0);
  }
  await minsu.evaluate(() => getSelection()!.removeAllRanges());

  await minsu.locator('#panel-people .row', { hasText: '이영희' }).first().click({ button: 'right' });
  await expect(minsu.getByRole('dialog', { name: '이영희' })).toBeVisible();
  await minsu.keyboard.press('Escape');
  await minsu.locator('.row.me').click({ button: 'right' });
  await expect(minsu.getByRole('dialog', { name: '김민수' })).toBeVisible();
});

test('the menu of a row of the list pins, mutes and hides the room, by pointer and by keys', async ({ person }) => {
  const minsu = await person('minsu');
  const [, cheolsus] = await pair(minsu, await person('cheolsu'));
  await minsu.getByRole('tab', { name: '대화' }).click();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '박철수' }).first();
  const menu = minsu.getByRole('group', { name: '대화 메뉴' });
  await row.locator('.row').click({ button: 'right' });
  await isAccessible(minsu);
  await menu.getByRole('button', { name: '위에 고정' }).click();
  await expect(minsu.locator('#panel-rooms .row').first()).toContainText('박철수');
  await expect(row.getByText('위에 고정됨')).toHaveCount(1);
  await row.getByRole('button', { name: '대화 메뉴' }).focus();
  await minsu.keyboard.press('Enter');
  await expect(menu.getByRole('button', { name: '고정 해제' })).toBeFocused();
  await minsu.keyboard.press('ArrowDown');
  await expect(menu.getByRole('button', { name: '멘션만 알림' })).toBeFocused();
  await minsu.keyboard.press('ArrowDown');
  await minsu.keyboard.press('Enter');
  await expect(row.getByText('알림 꺼짐')).toHaveCount(1);
  await row.locator('.row').click({ button: 'right' });
  await minsu.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await row.locator('.row').click({ button: 'right' });
  await menu.getByRole('button', { name: '목록에서 숨기기' }).click();
  await expect(row).toHaveCount(0);
  await say(cheolsus, '다시 나타나는 글');
  await expect(row).toContainText('다시 나타나는 글');
});

test('the tab that was open last opens again, from the first paint on', async ({ person, server }) => {
  const minsu = await person('minsu');
  const tabs = [minsu.getByRole('tab', { name: '사람' }), minsu.getByRole('tab', { name: '대화' })];
  const panels = [minsu.locator('#panel-people'), minsu.locator('#panel-rooms')];
  const isOpen = async (at: number) => {
    await expect(tabs[at]).toHaveAttribute('aria-selected', 'true');
    await expect(tabs[1 - at]).toHaveAttribute('aria-selected', 'false');
    await expect(panels[at]).toBeVisible();
    await expect(panels[1 - at]).toBeHidden();
  };
  for (const at of [1, 0, 1]) {
    await tabs[at].click();
    const html = await (await minsu.goto(server.url))!.text();
    expect(html).toMatch(new RegExp(`id="tab-${['people', 'rooms'][at]}"[^>]*aria-selected="true"`));
    await hydrated(minsu);
    await isOpen(at);
    // The program must know which tab is open: otherwise it would not open the other one.
    for (const next of [1 - at, at]) {
      await tabs[next].click();
      await isOpen(next);
    }
  }
  await tabs[1].press('ArrowLeft');
  await isOpen(0);
  await expect(tabs[0]).toBeFocused();
  expect(await (await minsu.context().request.get(server.url)).text()).toMatch(/id="tab-people"[^>]*aria-selected="true"/);
});

test('emojis are found by Korean and English names and by category, and those used last come first', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await window.locator('#composer').focus();
  const open = window.getByRole('button', { name: '이모지', exact: true });
  const picker = window.locator('.emoji-picker');
  for (const [query, emoji] of [['커피', '☕'], ['party', '🥳'], ['ㅂㅅ', '👏']]) {
    await open.click();
    await expect(picker.getByRole('searchbox')).toBeFocused();
    await window.keyboard.type(query);
    await expect(picker.locator('.found button').first()).toHaveText(emoji);
    await window.keyboard.press('Enter');
    await expect(picker).toHaveCount(0);
  }
  await expect(window.locator('#composer')).toHaveValue('☕🥳👏');
  await open.click();
  await expect(picker.getByRole('region', { name: '최근에 쓴 이모지' }).getByRole('button')).toHaveText(['👏', '🥳', '☕']);
  await isAccessible(window);
  await expect(picker.getByRole('button').first(), 'an emoji comes before the categories').toHaveText('👏');
  const [emojis, bar] = [(await picker.locator('.emoji-list').boundingBox())!, (await picker.locator('.emoji-bar').boundingBox())!];
  expect(bar.y).toBeGreaterThanOrEqual(emojis.y + emojis.height - 1);
  await picker.getByRole('button', { name: '음식' }).click();
  await expect(picker.getByRole('region', { name: '음식' }).getByRole('button').first()).toBeFocused();
  await expect(picker.getByRole('region', { name: '음식' }).getByRole('heading')).toBeInViewport();
  await picker.getByRole('searchbox').fill('없는 이름');
  await expect(picker.getByRole('status')).toContainText('맞는 이모지가 없습니다.');
  await window.keyboard.press('Escape');
  await expect(picker).toHaveCount(0);
  await expect(window.locator('#composer')).toBeFocused();
});

test('the permission to notify is asked at the first message that nobody sees, by us first', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.evaluate(() => {
    const asked: string[] = [];
    Object.assign(window, { asked });
    Object.defineProperty(Notification, 'permission', { get: () => (asked.length ? 'granted' : 'default') });
    Notification.requestPermission = async () => {
      asked.push('browser');
      return 'granted';
    };
  });
  const asked = () => minsu.evaluate(() => (window as unknown as { asked: string[] }).asked.length);
  const hide = (hidden: boolean) => minsu.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible'), configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  const cheolsu = await person('cheolsu');
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '(minsu)' }).click());
  const question = minsu.locator('.toast', { hasText: '새 메시지를 알려 드릴까요?' });
  await say(cheolsus, '보이는 창에 온 글');
  await expect(minsu.locator('.toast', { hasText: '보이는 창에 온 글' })).toBeVisible();
  await expect(question).toHaveCount(0);
  await hide(true);
  await say(cheolsus, '가려진 창에 온 글');
  await expect(question).toBeVisible();
  expect(await asked()).toBe(0);
  await hide(false);
  await isAccessible(minsu);
  await question.getByRole('button', { name: '알림 받기' }).click();
  await expect(question).toHaveCount(0);
  await expect.poll(asked).toBe(1);
  await expect.poll(async () => (await minsu.context().cookies()).find(({ name }) => name === 'daehwa_settings')?.value).toContain('notices.on');
});

test('who does not want notices is not asked again', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.evaluate(() => {
    Object.defineProperty(Notification, 'permission', { get: () => 'default' });
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
  });
  const cheolsu = await person('cheolsu');
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '(minsu)' }).click());
  const question = minsu.locator('.toast.question');
  await say(cheolsus, '첫 글');
  await question.getByRole('button', { name: '받지 않기' }).click();
  await expect(question).toHaveCount(0);
  await say(cheolsus, '둘째 글');
  await expect(minsu.locator('.toast', { hasText: '둘째 글' })).toBeVisible();
  await expect(question).toHaveCount(0);
});

test('the picker is the tree of departments; whole departments and people are chips', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('minsu', '김민수');
  const people = ['minsu,김민수,기획국/정보화과', 'jiwoo,최지우,기획국/정보화과', 'haneul,정하늘,기획국/정보화과', 'cheolsu,박철수,기획국', 'sora,한소라,총무과'];
  server.importPeople(`login,name,department\n${people.join('\n')}\n`);
  const minsu = await (await browserOf()).newPage();
  await signIn(minsu, server, 'minsu', PASSWORD);
  await hydrated(minsu);
  await minsu.locator('.new-group').click();
  const picker = minsu.getByRole('dialog', { name: '그룹 만들기' });
  await expect(picker.locator('.fold')).toHaveText(['기획국 · 3명 중 0명 선택', '정보화과 · 2명 중 0명 선택', '총무과 · 1명 중 0명 선택']);
  await picker.getByRole('checkbox', { name: '정보화과 전체' }).check();
  const chips = picker.getByRole('group', { name: '고른 사람' }).getByRole('button');
  await expect(chips).toHaveText(['정보화과 전체 2']);
  await expect(picker.getByRole('checkbox', { name: /최지우/ })).toBeChecked();
  expect(await picker.getByRole('checkbox', { name: '기획국 전체' }).evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await picker.getByRole('searchbox').fill('ㅂㅊㅅ');
  await minsu.keyboard.press('Enter');
  await expect(chips).toHaveText(['기획국 전체 3']);
  await expect(picker.getByRole('status'), 'what Enter chose').toHaveText('박철수 선택됨');
  await isAccessible(minsu);
  await picker.getByRole('checkbox', { name: /최지우/ }).uncheck();
  await expect(chips).toHaveText(['정하늘', '박철수']);
  await chips.last().click();
  await expect(chips).toHaveText(['정하늘']);
  await expect(picker.getByRole('searchbox')).toBeFocused();
  await minsu.keyboard.press('ArrowDown');
  await expect(picker.locator('.fold').first()).toBeFocused();
  await minsu.keyboard.press('Enter');
  await expect(picker.getByRole('checkbox', { name: /정하늘/ })).toHaveCount(0);
  await picker.getByLabel('그룹 이름').fill('모임');
  await picker.getByRole('button', { name: '만들기 1' }).click();
  await expect(minsu.locator('#composer')).toBeVisible();
});

test('a thousand people are chosen in one click, and stay quick', async ({ serverOf, browserOf }) => {
  test.setTimeout(120_000);
  const server = await serverOf(false, ['--list-everybody', '0']);
  server.addPerson('minsu', '김민수');
  const rows = Array.from({ length: 998 }, (_, number) => `p${number},사람${number},국${number % 8}/과${number % 40}`);
  server.importPeople(`login,name,department\n${rows.join('\n')}\n`);
  const minsu = await (await browserOf()).newPage();
  await signIn(minsu, server, 'minsu', PASSWORD);
  await hydrated(minsu);
  await minsu.locator('.new-group').click();
  const picker = minsu.getByRole('dialog', { name: '그룹 만들기' });
  await expect(picker.locator('li')).toHaveCount(8);
  const took = await minsu.evaluate(async () => {
    const begun = performance.now();
    document.querySelectorAll<HTMLElement>('.pick-department input').forEach((box) => box.click());
    await new Promise((frame) => requestAnimationFrame(() => setTimeout(frame)));
    return performance.now() - begun;
  });
  console.log(`eight departments of 998 people: ${Math.round(took)} ms`);
  await expect(picker.getByRole('button', { name: '만들기 998' })).toBeVisible();
  await picker.getByRole('searchbox').fill('사람997');
  await expect(picker.locator('.pick-person')).toHaveCount(1);
});

test('the palette has headings and finds messages, too', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '찾아질 예산 초안');
  await expect(bubble(minsu, '찾아질')).toHaveAttribute('data-state', 'sent');
  await minsu.locator('.search input').fill('예산');
  await minsu.locator('#tab-rooms').click();
  await expect(minsu.locator('#panel-rooms .hit')).not.toHaveCount(0);
  await minsu.keyboard.press('Control+k');
  await minsu.keyboard.type('찾아질');
  const palette = minsu.locator('.palette');
  await expect(palette.getByRole('heading', { name: '메시지', exact: true })).toBeVisible();
  await expect(palette.locator('.hit')).toContainText('찾아질 예산 초안');
  await isAccessible(minsu);
  await palette.getByRole('searchbox').fill('ㅂㅊㅅ');
  await expect(palette.getByRole('heading', { name: '사람', exact: true })).toBeVisible();
  await palette.getByRole('searchbox').fill('찾아질');
  await expect(palette.locator('.hit')).toBeVisible();
  await minsu.keyboard.press('Enter');
  await expect(palette).toHaveCount(0);
  await expect(bubble(minsu, '찾아질 예산 초안')).toHaveClass(/shown/);
  // The search of the list is unchanged.
  await expect(minsu.locator('.search input')).toHaveValue('예산');
  await expect(minsu.locator('#panel-rooms .hit').first()).toContainText('예산');
});

test('English: the menus, settings and status of the list', async ({ person }) => {
  const minsu = await person('minsu', { ...wide, locale: 'en-US' });
  await minsu.getByRole('button', { name: 'My status' }).click();
  const card = minsu.getByRole('dialog');
  await card.getByRole('button', { name: 'Out of the office' }).click();
  await card.getByRole('button', { name: 'Save' }).click();
  await expect(minsu.locator('.side > .bar p')).toContainText('Out of the office');
  await minsu.getByRole('button', { name: 'My status' }).click();
  await expect(card).toContainText('Out of the office · until 23:59');
  await isAccessible(minsu);
  await minsu.keyboard.press('Escape');
  await minsu.getByRole('link', { name: 'Settings', exact: true }).click();
  await minsu.getByRole('dialog', { name: 'Settings' }).getByLabel('Dark').check();
  await expect(minsu.locator('html')).toHaveAttribute('data-theme', 'dark');
  await isAccessible(minsu);
});
