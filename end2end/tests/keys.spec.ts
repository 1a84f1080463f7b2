// The keyboard: the targets of arrows, Escape and the palette, and the focus afterwards.
import { type Locator } from '@playwright/test';
import { bubble, choose, decide, DEMO_PASSWORD, expect, fill, group, hydrated, menuOf, pair, PASSWORD, say, signIn, test } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };

test('in the menu of a message the emojis are one row for the arrow keys', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  const menu = await menuOf(minsu, '회의실 B로');
  const [emojis, keys] = [menu.locator('.emojis button'), minsu.keyboard];
  await expect(emojis.first()).toBeFocused();
  await keys.press('ArrowRight');
  await expect(emojis.nth(1)).toBeFocused();
  await keys.press('ArrowDown');
  await expect(menu.getByRole('button', { name: '답장' })).toBeFocused();
  await keys.press('ArrowDown');
  await expect(menu.getByRole('button', { name: '복사', exact: true })).toBeFocused();
  await keys.press('Home');
  await keys.press('ArrowLeft');
  await expect(emojis.last(), 'within the row').toBeFocused();
  await keys.press('ArrowUp');
  await expect(menu.getByRole('button').last()).toBeFocused();
});

test('Escape in the menu of a message returns the focus to where it came from', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  const row = bubble(minsu, '회의실 B로');
  const close = async () => {
    await expect(minsu.locator('.bubble-menu button').first()).toBeFocused();
    await minsu.keyboard.press('Escape');
    await expect(minsu.locator('.bubble-menu')).toHaveCount(0);
  };
  for (const key of ['Enter', 'e']) {
    await row.focus();
    await minsu.keyboard.press(key);
    await close();
    await expect(row, key).toBeFocused();
  }
  await row.hover();
  await row.locator('[data-act=menu]').click();
  await close();
  await expect(row.locator('[data-act=menu]')).toBeFocused();
});

test('a toast returns the focus to where it came from, however it closes', async ({ person }) => {
  const minsu = await person('minsu', wide);
  const younghee = await person('younghee', wide);
  for (const page of [minsu, younghee]) await decide(page, 'place=here');
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await younghee.locator('button.row', { hasText: 'minsu)' }).click();
  const [composer, search, toast] = [minsu.locator('#composer'), minsu.getByRole('searchbox'), minsu.locator('.toast')];
  await expect(composer).toBeFocused();
  // The toasts are the region after the composer, and before the list.
  for (const [place, way, key] of [[composer, 'F6', 'Escape'], [search, 'Shift+F6', 'Escape'], [search, 'Shift+F6', 'Enter']] as const) {
    await say(younghee, `알림 ${way} ${key}`);
    await expect(toast).toContainText(`알림 ${way} ${key}`);
    await place.focus();
    await minsu.keyboard.press(way);
    await minsu.keyboard.press('Tab');
    await expect(toast.getByRole('button', { name: '닫기' })).toBeFocused();
    await minsu.keyboard.press(key);
    await expect(toast).toHaveCount(0);
    await expect(place, `${way} ${key}`).toBeFocused();
  }
});

test('Escape in the search field clears it and never closes the conversation', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  const [search, composer] = [minsu.locator('.search input'), minsu.locator('#composer')];
  await search.fill('ㅇㅎ');
  for (let press = 0; press < 3; press++) {
    await search.press('Escape');
    await expect(search).toHaveValue('');
    await expect(search).toBeFocused();
    await expect(composer).toBeVisible();
  }
  await minsu.locator('.emoji-open').click();
  await search.focus();
  await minsu.keyboard.press('Escape');
  await expect(minsu.locator('.emoji-picker'), 'the innermost layer').toHaveCount(0);
  await expect(composer).toBeVisible();
});

test('the palette carries out the commands of the main window', async ({ person, expectedErrors }) => {
  // Requests of the page while it is signed out.
  expectedErrors.push(/401/);
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const palette = minsu.getByRole('dialog', { name: '사람, 대화, 명령, 메시지 찾기' });
  const search = minsu.getByRole('searchbox').first();
  const run = async (query: string, name: string, from = search) => {
    await from.focus();
    await minsu.keyboard.press('Control+k');
    await minsu.locator('#palette').fill(query);
    await expect(palette.locator('.row', { hasText: name })).toBeVisible();
    await expect(palette.locator('.row')).toHaveCount(1);
    await minsu.keyboard.press('Enter');
    await expect(palette).toHaveCount(0);
  };
  await search.focus();
  await minsu.keyboard.press('Control+k');
  await expect(palette.getByRole('heading')).toHaveText(['사람, 대화, 명령, 메시지 찾기', '대화', '명령']);
  for (const name of ['그룹 만들기', '상태 메시지', '다른 용무 중으로 표시', '설정', '단축키', 'English', '로그아웃']) {
    await expect(palette.locator('.row', { hasText: name })).toHaveCount(1);
  }
  await minsu.locator('#palette').fill('이영희');
  await expect(palette.getByRole('heading')).toHaveText(['사람, 대화, 명령, 메시지 찾기', '사람', '대화']);
  await minsu.keyboard.press('Escape');

  const tab = minsu.locator('#tab-people');
  await run('그룹 만', '그룹 만들기', tab);
  const group = minsu.getByRole('dialog', { name: '그룹 만들기' });
  await expect(group).toBeVisible();
  await minsu.keyboard.press('Escape');
  await expect(group).toHaveCount(0);
  await expect(tab, 'from where the palette was opened').toBeFocused();
  await run('용무', '다른 용무 중으로 표시');
  await expect(minsu.locator('.side .bar')).toContainText('다른 용무 중');
  await run('용무', '다른 용무 중 해제');
  await expect(minsu.locator('.side .bar')).toContainText('온라인');
  await run('shortcut', '단축키');
  await minsu.waitForURL(/shortcuts$/);
  await minsu.goBack();
  await hydrated(minsu);
  await run('Englis', 'English');
  await expect(minsu.locator('html')).toHaveAttribute('lang', 'en');
  await hydrated(minsu);
  await minsu.keyboard.press('Control+k');
  await minsu.locator('#palette').fill('sign out');
  await minsu.keyboard.press('Enter');
  await minsu.waitForURL(/sign_in$/);
});

test('in a narrow window the palette and the dialogs of the list open over the conversation', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 600, height: 700 } });
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  const [composer, side] = [minsu.locator('#composer'), minsu.locator('.side')];
  await expect(composer).toBeFocused();
  await expect(side).toBeHidden();
  const run = async (query: string) => {
    await minsu.keyboard.press('Control+k');
    await expect(minsu.locator('#palette')).toBeFocused();
    await expect(minsu.locator('.palette')).toBeInViewport();
    await minsu.keyboard.type(query);
    await expect(minsu.locator('.palette .row')).toHaveCount(1);
    await minsu.keyboard.press('Enter');
  };
  for (const [query, name] of [['그룹 만', '그룹 만들기'], ['상태 메', '김민수'], ['설정', '설정']]) {
    await run(query);
    const dialog = minsu.getByRole('dialog', { name });
    await expect(dialog.getByRole('heading', { name }).first()).toBeInViewport();
    await minsu.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(composer, name).toBeFocused();
    await expect(side).toBeHidden();
  }
});

test('from the palette the focus goes to what it opened', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '창고에서 찾을 글');
  await expect(bubble(minsu, '창고에서')).toHaveAttribute('data-state', 'sent');
  const [search, composer, palette] = [minsu.locator('.search input'), minsu.locator('#composer'), minsu.locator('.palette')];
  const find = async (query: string, row: Locator) => {
    await search.focus();
    await minsu.keyboard.press('Control+k');
    await minsu.locator('#palette').fill(query);
    await row.press('Enter');
    await expect(palette).toHaveCount(0);
  };
  await find('창고에서', palette.locator('.hit'));
  await expect(bubble(minsu, '창고에서'), 'in the conversation that is open').toBeFocused();
  await find('나와의', palette.locator('.command'));
  await expect(minsu.locator('.stage').getByRole('heading', { name: '나와의 대화' })).toBeVisible();
  await expect(composer).toBeFocused();
  await find('나와의', palette.locator('.command'));
  await expect(composer, 'the notes are open').toBeFocused();
  await find('창고에서', palette.locator('.hit'));
  await expect(bubble(minsu, '창고에서'), 'in another conversation').toBeFocused();
  await find('박철수', palette.locator('a.row', { hasText: '박철수' }).first());
  await expect(composer, 'the conversation is open').toBeFocused();
});

test('the palette says what it found once it has searched', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const minsu = await person('minsu', wide);
  await minsu.keyboard.press('Control+k');
  const [field, status] = [minsu.locator('#palette'), minsu.locator('.palette [role=status]')];
  const announced = await status.evaluateHandle((status) => {
    const announced: string[] = [];
    new MutationObserver(() => announced.push(status.textContent ?? '')).observe(status, { childList: true, characterData: true, subtree: true });
    return announced;
  });
  const none = '맞는 결과가 없습니다. 다른 말로 찾아보세요.';
  await field.fill('아무 데도 없는 말');
  await expect(status).toHaveText(none);
  await field.fill('아예 없는 말');
  await expect.poll(() => announced.jsonValue()).toEqual(['찾는 중…', none, '찾는 중…', none]);
  await field.fill('단축키');
  await expect(status, 'with the row that Enter chooses').toHaveText('1개 찾음. 첫 결과: 단축키 (Enter로 선택)');
  await minsu.context().setOffline(true);
  await field.fill('끊긴 뒤의 말');
  await expect(status, 'there is no search to wait for').toHaveText(none);
});

test('Escape leads from a message to the composer, and from there to the list', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  const composer = minsu.locator('#composer');
  await minsu.locator('.said').last().focus();
  await minsu.keyboard.press('Escape');
  await expect(composer).toBeFocused();
  await minsu.waitForTimeout(600);
  await minsu.keyboard.press('Escape');
  await expect(composer).toHaveCount(0);
});

test('the page of the keys begins at its title, and leads back to where one came from', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu.locator('#composer')).toBeFocused();
  const room = minsu.url();
  await minsu.getByRole('log').focus();
  await minsu.keyboard.press('?');
  await minsu.waitForURL(/shortcuts$/);
  await expect(minsu.getByRole('heading', { name: '단축키', level: 1 })).toBeFocused();
  await minsu.keyboard.press('Shift+Tab');
  await minsu.keyboard.press('Enter');
  await minsu.waitForURL(room);
  await hydrated(minsu);
  await expect(minsu.locator('#composer')).toBeVisible();
});

test('the button to the newest message speaks of new ones only when there are some, and covers no text in a low window', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await fill(cheolsus, Array.from({ length: 60 }, (_, number) => `줄 ${number}`));
  await expect(bubble(minsus, '줄 59')).toBeVisible();
  const button = minsus.locator('.to-bottom');
  await minsus.getByRole('log').focus();
  await minsus.keyboard.press('Home');
  await expect(button).toHaveAccessibleName('최신 메시지로 이동');
  await expect(button).not.toContainText('새 메시지');
  await expect(bubble(cheolsus, '줄 59').locator('.not-read'), 'seen before the wait of the receipt ended').toHaveCount(0);
  await say(cheolsus, '새 글');
  await expect(button).toHaveAccessibleName('새 메시지 1');

  await minsus.setViewportSize({ width: 320, height: 200 });
  await minsus.getByRole('log').focus();
  await minsus.keyboard.press('Home');
  await expect(button).toBeVisible();
  const [log, box] = [(await minsus.getByRole('log').boundingBox())!, (await button.boundingBox())!];
  expect(box.y, 'below the log').toBeGreaterThanOrEqual(log.y + log.height - 1);
  await button.click();
  await expect(bubble(minsus, '새 글')).toBeInViewport();
  await expect(button).toHaveCount(0);
  await minsus.getByRole('log').focus();
  await minsus.keyboard.press('Home');
  await expect.poll(() => minsus.getByRole('log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight)).toBeGreaterThan(200);
  await expect(button, 'nothing new').toBeHidden();
});

test('Enter in the search of the list opens the first match, also while a syllable is composed', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const [search, keys] = [minsu.getByRole('searchbox').first(), minsu.keyboard];
  await search.focus();
  await keys.type('박철');
  await expect(minsu.locator('#panel-people .row').first()).toHaveCSS('outline-style', 'solid');
  await keys.press('Enter');
  await expect(minsu.locator('.stage h1')).toContainText('박철수');
  await expect(minsu.getByRole('tab', { name: '사람' }), 'the list stays').toHaveAttribute('aria-selected', 'true');
  await search.fill('');
  const devtools = await minsu.context().newCDPSession(minsu);
  await devtools.send('Input.imeSetComposition', { text: '이영희', selectionStart: 3, selectionEnd: 3 });
  await expect(minsu.locator('#panel-people .row').first()).toContainText('이영희');
  // As phones report it: the page's Enter, within the composition.
  await keys.press('Enter');
  await expect(minsu.locator('.stage h1')).toContainText('이영희');
});

test('the palette lists names and titles before those who are found by their department', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('minsu', '김민수');
  server.importPeople('login,name,department\nminsu,김민수,기획국\nsora,한소라,총무과\njiwoo,총무진,기획국\n');
  const minsu = await (await browserOf({ viewport: { width: 1280, height: 800 } })).newPage();
  await signIn(minsu, server, 'minsu', PASSWORD);
  await hydrated(minsu);
  await decide(minsu, 'place=here');
  await group(minsu, ['한소라', '총무진'], '총무 회의');
  await minsu.keyboard.press('Control+k');
  await minsu.locator('#palette').fill('총무');
  await expect(minsu.locator('.palette h3')).toHaveText(['사람', '대화', '부서로 찾은 사람']);
  await expect(minsu.locator('.palette .row-name')).toContainText(['총무진', '총무 회의', '한소라']);
});

test('up from the first row of a list leads back to its field', async ({ person }) => {
  const minsu = await person('minsu', wide);
  const [search, keys] = [minsu.getByRole('searchbox'), minsu.keyboard];
  await search.fill('없는 사람');
  await expect(minsu.locator('.side > .unseen[role=status]')).toContainText('맞는 사람이 없습니다.');
  await search.fill('ㄱ');
  // The field marks the first row already.
  for (const [field, rows] of [[search.first(), minsu.locator('#panel-people .row')], [minsu.locator('#palette'), minsu.locator('.palette .row')]] as const) {
    await keys.press('ArrowDown');
    await expect(rows.nth(1)).toBeFocused();
    await keys.press('ArrowUp');
    await expect(rows.first()).toBeFocused();
    await keys.press('ArrowUp');
    await expect(field).toBeFocused();
    if (await minsu.locator('.palette').count() === 0) await keys.press('Control+k');
  }
  await keys.press('ArrowUp');
  await expect(minsu.locator('.palette .row').last()).toBeFocused();
});

test('the header says that a conversation is muted', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  const heading = minsu.locator('.chat').getByRole('heading');
  await expect(heading).toHaveText('박철수');
  await choose(minsu, '알림 끄기');
  await expect(heading.getByText('알림 꺼짐')).toHaveCount(1);
  await expect(heading.locator('.icon')).toBeVisible();
  await choose(minsu, '알림 켜기');
  await expect(heading).toHaveText('박철수');
});

test('a group without people cannot be made, and the dialog says what is missing', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await minsu.locator('.new-group').click();
  const dialog = minsu.getByRole('dialog', { name: '그룹 만들기' });
  const make = dialog.getByRole('button', { name: '만들기' });
  await expect(make).toBeDisabled();
  await make.press('Enter');
  await expect(dialog.getByRole('alert')).toHaveText('함께할 사람을 선택해 주세요.');
  await expect(dialog.getByRole('searchbox')).toBeFocused();
  await dialog.getByRole('checkbox').first().check();
  await expect(dialog.getByRole('alert')).toHaveCount(0);
  await expect(make).toBeEnabled();
});

test('after a wrong password the field is empty and has the focus', async ({ server, browserOf }) => {
  const page = await (await browserOf()).newPage();
  await page.goto(`${server.url}/sign_in?login=minsu`);
  await expect(page.locator('#password'), 'chosen from the demo accounts').toHaveValue(DEMO_PASSWORD);
  await page.locator('#password').fill('wrong password');
  await page.locator('#password').press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.locator('#login')).toHaveValue('minsu');
  await expect(page.locator('#password')).toHaveValue('');
  await expect(page.locator('#password')).toBeFocused();
});

test('the list keeps the last words of a group, and an invitation is unread for the invited', async ({ person }) => {
  const minsu = await person('minsu', wide);
  const [younghee, jiwoo] = [await person('younghee', wide), await person('jiwoo', wide)];
  for (const page of [minsu, younghee, jiwoo]) {
    await decide(page, 'place=here');
    await page.locator('#tab-rooms').click();
  }
  const unread = (page: typeof minsu) => page.locator('#tab-rooms .badge');
  const before = await unread(younghee).count() ? Number(await unread(younghee).locator('[aria-hidden]').textContent()) : 0;
  await minsu.locator('#tab-people').click();
  await minsu.locator('.new-group').click();
  await minsu.getByRole('checkbox', { name: /이영희/ }).check();
  await minsu.locator('#picker-title').fill('저녁 모임');
  await minsu.locator('.picker .primary').click();
  const row = (page: typeof minsu) => page.locator('#panel-rooms a.row', { hasText: '저녁 모임' });
  await expect(row(younghee)).toContainText('김민수 (minsu)님이 그룹을 만들었습니다.');
  await expect(row(younghee).getByText('읽지 않은 메시지 1개')).toHaveCount(1);
  await expect(unread(younghee).locator('[aria-hidden]')).toHaveText(`${before + 1}`);
  await row(younghee).click();
  await expect(younghee.locator('.new-from-here')).toBeVisible();
  await expect(row(younghee).locator('.badge')).toHaveCount(0);
  await say(minsu, '여섯 시에 만나요');
  await expect(row(younghee)).toContainText('여섯 시에 만나요');

  await choose(minsu, '그룹 이름 바꾸기');
  await minsu.locator('#panel-field').fill('저녁 모임 2');
  await minsu.locator('.ask .primary').click();
  await expect(minsu.locator('.group-line').last()).toContainText('‘저녁 모임 2’로 바꿨습니다.');
  await choose(minsu, '사람 초대');
  await minsu.getByRole('checkbox', { name: /최지우/ }).check();
  await minsu.getByRole('checkbox', { name: '이전 메시지도 보여 주기' }).check();
  await minsu.locator('.picker .primary').click();
  await expect(row(jiwoo)).toContainText('김민수 (minsu)님이 최지우님을 초대했습니다.');
  await expect(row(jiwoo).getByText('읽지 않은 메시지 1개')).toHaveCount(1);
  await expect(row(younghee)).toContainText('3명');
  await expect(row(younghee)).toContainText('저녁 모임 2');
  await expect(row(younghee), 'the last words stay').toContainText('여섯 시에 만나요');
  await expect(row(younghee).locator('.badge')).toHaveCount(0);
  await row(jiwoo).click();
  await expect(row(jiwoo).locator('.badge')).toHaveCount(0);
});

test('buttons that go away by their own click leave the focus near', async ({ person, expectedErrors }) => {
  test.setTimeout(120_000);
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await minsu.waitForURL(/room=/);
  const id = new URL(minsu.url()).searchParams.get('room');
  const window = await minsu.context().newPage();
  await window.goto(new URL(`/rooms/${id}`, minsu.url()).href);
  await hydrated(window);
  await fill(window, Array.from({ length: 60 }, (_, number) => `찾을 글 ${number}`));
  await window.close();
  const search = minsu.getByRole('searchbox');
  await search.fill('찾을 글');
  await search.press('Enter');
  const older = minsu.locator('.older');
  await expect(older).toBeVisible();
  for (let pages = 0; pages < 4 && await older.count() > 0; pages++) {
    const count = await minsu.locator('.hit').count();
    await older.focus();
    await minsu.keyboard.press('Enter');
    await expect.poll(() => minsu.locator('.hit').count()).toBeGreaterThan(count);
  }
  await expect(older).toHaveCount(0);
  await expect(minsu.locator('.hit:focus')).toHaveCount(1);

  await minsu.context().setOffline(true);
  const retry = minsu.locator('.side').getByRole('button', { name: '지금 다시 연결' });
  await retry.focus();
  await minsu.keyboard.press('Enter');
  await minsu.context().setOffline(false);
  await expect(retry).toBeHidden();
  await expect(minsu.locator(':focus')).toBeVisible();
});
