// The palette, cards, lists, appearance and keys.
import { bubble, decide, expect, fill, hydrated, pair, popup, say, test, PASSWORD, signIn } from '../stage';

test('the palette opens people, rooms and commands by keys alone', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.keyboard.press('Control+k');
  await minsu.keyboard.type('ㅂㅊㅅ');
  const palette = minsu.locator('.palette');
  await expect(palette.locator('.row').first()).toContainText('박철수');
  const window = await popup(minsu, () => minsu.keyboard.press('Enter'));
  await expect(window.getByText('민원 처리 현황')).toBeVisible();
  await expect(palette).toHaveCount(0);
  await minsu.keyboard.press('Control+k');
  await minsu.keyboard.type('단축');
  await minsu.keyboard.press('ArrowDown');
  await minsu.keyboard.press('Enter');
  await expect(minsu.getByRole('heading', { name: '단축키' })).toBeVisible();
});

test('F6, the arrows and slash work, and not in a text field', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await decide(minsu, 'place=here');
  await minsu.keyboard.press('/');
  await expect(minsu.getByRole('searchbox')).toBeFocused();
  await minsu.keyboard.type('이영');
  await minsu.keyboard.press('ArrowDown');
  await expect(minsu.locator('button.row', { hasText: '이영희' })).toBeFocused();
  await minsu.keyboard.press('Enter');
  await expect(minsu.locator('#composer')).toBeFocused();
  await minsu.keyboard.type('/?');
  await expect(minsu.locator('#composer')).toHaveValue('/?');
  await minsu.keyboard.press('F6');
  await expect(minsu.getByRole('searchbox')).toBeFocused();
  await minsu.keyboard.press('F6');
  await expect(minsu.locator('.chat .bar button:focus')).toHaveCount(1);
  await minsu.keyboard.press('F6');
  await expect(minsu.getByRole('log')).toBeFocused();
  await minsu.keyboard.press('F6');
  await expect(minsu.locator('#composer')).toBeFocused();
  await minsu.keyboard.press('F6');
  await expect(minsu.getByRole('searchbox')).toBeFocused();
  await minsu.getByRole('log').focus();
  await decide(minsu, 'keys=off');
  await minsu.keyboard.press('/');
  await expect(minsu.getByRole('log')).toBeFocused();
});

test('a card shows a person, adds favourites and sets the status that others see', async ({ person }) => {
  const minsu = await person('minsu');
  const younghee = await person('younghee');
  await minsu.getByRole('button', { name: '이영희 정보 보기' }).click();
  const card = minsu.getByRole('dialog', { name: '이영희' });
  await expect(card).toContainText('younghee');
  await card.getByRole('button', { name: '즐겨찾기' }).click();
  await expect(card.getByRole('button', { name: '즐겨찾기' })).toHaveAttribute('aria-pressed', 'true');
  await minsu.keyboard.press('Escape');
  await expect(card).toHaveCount(0);
  await expect(minsu.getByRole('list', { name: /즐겨찾기/ }).locator('.row')).toContainText('이영희');

  await younghee.locator('.row.me').click();
  await younghee.getByLabel('다른 용무 중').check();
  await younghee.getByLabel('상태 메시지').fill('회의 중 ~ 15:00');
  await younghee.getByRole('button', { name: '저장' }).click();
  const row = minsu.getByRole('list', { name: /정보화기획과/ }).locator('.row', { hasText: '이영희' });
  await expect(row).toContainText('회의 중 ~ 15:00');
  await expect(row.locator('.dot')).toHaveText('다른 용무 중');
});

test('a person who touches nothing is idle, and online again after a touch', async ({ person }) => {
  const minsu = await person('minsu');
  const cheolsu = await person('cheolsu');
  const dot = minsu.locator('#panel-people .row', { hasText: '박철수' }).locator('.dot');
  await expect(dot).toHaveText('온라인');
  await cheolsu.evaluate(() => localStorage.setItem('daehwa.touched', String(Date.now() - 6 * 60_000)));
  await expect(dot).toHaveText('자리 비움', { timeout: 25_000 });
  await cheolsu.mouse.move(50, 50);
  await cheolsu.mouse.move(60, 60);
  await expect(dot).toHaveText('온라인');
});

test('a pinned room stays above newer ones, and shows its draft', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await minsu.getByRole('tab', { name: '대화' }).click();
  const rows = minsu.locator('#panel-rooms .row');
  await say(cheolsus, '새 글');
  await expect(rows.first()).toContainText('새 글');
  await minsu.locator('#panel-rooms .row-item', { hasText: '이영희' }).getByRole('button', { name: '대화 메뉴' }).click();
  await minsu.getByRole('group', { name: '대화 메뉴' }).getByRole('button', { name: '위에 고정' }).click();
  await expect(rows.first()).toContainText('이영희');
  await minsus.locator('#composer').fill('쓰다 만 글');
  await expect(rows.nth(1)).toContainText('작성 중: 쓰다 만 글');
  await minsus.locator('#composer').fill('');
  await expect(rows.nth(1)).toContainText('새 글');
});

test('departments are a tree that folds, and are found by search', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('minsu', '김민수');
  server.importPeople('login,name,department,title\nminsu,김민수,기획국/정보화과,주무관\njiwoo,최지우,기획국/정보화과,과장\nsora,한소라,총무과,팀장\n');
  const minsu = await (await browserOf()).newPage();
  await signIn(minsu, server, 'minsu', PASSWORD);
  await hydrated(minsu);
  await expect(minsu.locator('h2.group')).toHaveText(['기획국 · 1/2', '정보화과 · 1/2', '총무과 · 0/1']);
  await expect(minsu.locator('.row', { hasText: '최지우' })).toContainText('정보화과 · 과장');
  await minsu.getByRole('button', { name: '기획국' }).click();
  await expect(minsu.locator('h2.group')).toHaveText(['기획국 · 1/2', '총무과 · 0/1']);
  // Kept for this user alone, and deleted when they sign out.
  const folds = await minsu.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('folds')));
  expect(folds).toEqual([expect.stringMatching(/^daehwa\.mine\.[0-9a-f-]+\.folds$/)]);
  await minsu.reload();
  await hydrated(minsu);
  await expect(minsu.locator('h2.group')).toHaveText(['기획국 · 1/2', '총무과 · 0/1']);
  await minsu.getByRole('searchbox').fill('팀장');
  await expect(minsu.locator('#panel-people .row')).toHaveText([/한소라/]);
  server.importPeople('login,name,title\nsora,한소라,과장\n');
  await minsu.getByRole('searchbox').fill('ㅎㅅㄹ');
  await expect(minsu.locator('#panel-people .row')).toContainText('총무과 · 과장');
});

test('markup becomes emphasis, code and lists, never HTML', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await say(minsus, '**중요**합니다 `<b>코드</b>`\n- 하나\n> 인용\n```\n  칸  은 그대로\n```\n<img src=x onerror=alert(1)>');
  const said = bubble(cheolsus, '중요');
  await expect(said.locator('[role=strong]')).toHaveText('중요');
  await expect(said.locator('[role=code]').first()).toHaveText('<b>코드</b>');
  await expect(said.locator('[role=blockquote]')).toHaveText('인용');
  expect(await said.locator('.code-block [role=code]').textContent()).toBe('  칸  은 그대로');
  await expect(said.locator('img, b')).toHaveCount(0);
  // The same markup as the server renders.
  const written = await said.locator('.body').textContent();
  await cheolsus.reload();
  await hydrated(cheolsus);
  expect(await said.locator('.body').textContent()).toBe(written);
  await expect(said).toContainText('<img src=x onerror=alert(1)>');
  await cheolsus.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await said.hover();
  await said.getByRole('button', { name: '복사', exact: true }).click();
  expect(await cheolsus.evaluate(() => navigator.clipboard.readText())).toBe('  칸  은 그대로');
});

test('a long message is folded until it is opened, and the person\'s own is shown even after a tall composer', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await say(window, '긴 글입니다. '.repeat(200));
  const said = bubble(window, '긴 글입니다.');
  await expect(said).toHaveAttribute('data-state', 'sent');
  await expect(said.getByRole('button', { name: '전체 보기' })).toBeInViewport();
  const folded = (await said.boundingBox())!.height;
  await said.getByRole('button', { name: '전체 보기' }).click();
  expect((await said.boundingBox())!.height).toBeGreaterThan(folded * 1.5);
});

test('an emoji is chosen by keys and inserted into the composer', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await window.locator('#composer').fill('좋아요');
  await window.getByRole('button', { name: '이모지' }).click();
  await expect(window.locator('.emoji-picker input')).toBeFocused();
  // Below the field the categories, then the emojis.
  for (let step = 0; step < 3; step++) await window.keyboard.press('ArrowDown');
  await window.keyboard.press('ArrowRight');
  const wanted = await window.evaluate(() => document.activeElement!.textContent);
  await window.keyboard.press('Enter');
  await expect(window.locator('#composer')).toHaveValue(`좋아요${wanted}`);
  await expect(window.locator('#composer')).toBeFocused();
});

test('Enter breaks the line and Ctrl+Enter sends, by that setting', async ({ person }) => {
  const minsu = await person('minsu');
  await decide(minsu, 'enter=break');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await window.locator('#composer').pressSequentially('첫 줄');
  await window.keyboard.press('Enter');
  await window.locator('#composer').pressSequentially('둘째 줄');
  await expect(window.locator('#composer')).toHaveValue('첫 줄\n둘째 줄');
  await window.keyboard.press('Control+Enter');
  await expect(bubble(window, '둘째 줄')).toHaveAttribute('data-state', 'sent');
});

test('a change of the appearance applies at once', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.goto(new URL('/settings', minsu.url()).href);
  await minsu.getByLabel('어둡게').check();
  await expect(minsu.locator('html')).toHaveAttribute('data-theme', 'dark');
  await minsu.goto(new URL('/', minsu.url()).href);
  await expect(minsu.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the menu of a room closes by Escape and by a click outside', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  const menu = window.locator('details.more');
  await menu.locator('summary').click();
  await window.keyboard.press('Escape');
  await expect(menu).not.toHaveAttribute('open');
  await expect(menu.locator('summary')).toBeFocused();
  await menu.locator('summary').click();
  await expect(menu).toHaveAttribute('open', '');
  await window.locator('#composer').click();
  await expect(menu).not.toHaveAttribute('open');
});

test('Enter in the search field switches from people to messages', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.getByRole('searchbox').fill('없는말');
  await minsu.getByRole('searchbox').press('Enter');
  await expect(minsu.getByRole('tab', { name: '대화' })).toHaveAttribute('aria-selected', 'true');
  await expect(minsu.getByText('들어 있는 메시지나 파일이 없습니다.')).toBeVisible();
});

test('a change of the appearance in one window reaches the others', async ({ person }) => {
  const minsu = await person('minsu');
  const settings = await minsu.context().newPage();
  await settings.goto(new URL('/settings', minsu.url()).href);
  await settings.getByLabel('선명하게').check();
  await settings.getByLabel('더 크게').check();
  await expect(settings.locator('html')).toHaveAttribute('data-theme', 'contrast');
  await expect(settings.locator('html')).toHaveAttribute('data-size', '4');
  await minsu.bringToFront();
  await minsu.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(minsu.locator('html')).toHaveAttribute('data-theme', 'contrast');
  await expect(minsu.locator('html')).toHaveCSS('font-size', '20px');
});

test('the system notifies of a message while no window is visible, if chosen and allowed', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await minsus.close();
  await minsu.evaluate(() => {
    (window as any).announced = [];
    (window as any).Notification = class {
      static permission = 'granted';
      onclick = () => {};
      constructor(title: string, options: NotificationOptions) { (window as any).announced.push([title, options.body, this]); }
    };
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  });
  const announced = () => minsu.evaluate(() => (window as any).announced.map(([title, body]: string[]) => `${title}: ${body}`));
  await say(cheolsus, '아직 고르지 않음');
  await expect(minsu.locator('.toast', { hasText: '아직' })).toBeVisible();
  expect(await announced()).toEqual([]);
  await decide(minsu, 'notices=on');
  await say(cheolsus, '자리에 계신가요?');
  await expect.poll(announced).toEqual(['박철수: 자리에 계신가요?']);
  await minsu.evaluate(() => (window as any).announced[0][2].onclick());
  await expect(minsu).toHaveURL(/\?room=/);
});

test('a room opens in the same window where windows are blocked', async ({ person }) => {
  const minsu = await person('minsu');
  await minsu.evaluate(() => { window.open = () => null; });
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu).toHaveURL(/\?room=/);
  await expect(bubble(minsu, '회의실 B로 옮겼어요')).toBeVisible();
});

test('by touch: a phone opens a room, posts, and opens the menu of a message', async ({ person }) => {
  const phone = { viewport: { width: 390, height: 844 }, screen: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).tap();
  await minsu.locator('#composer').tap();
  await minsu.locator('#composer').fill('전화로 씁니다');
  await minsu.getByRole('button', { name: '보내기' }).tap();
  const said = bubble(minsu, '전화로 씁니다');
  await expect(said).toHaveAttribute('data-state', 'sent');
  await said.getByRole('button', { name: '메시지 메뉴' }).tap();
  await minsu.getByRole('button', { name: '👍' }).tap();
  await expect(said.locator('.chip')).toContainText('👍');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await expect(minsu.locator('button.row', { hasText: '이영희' })).toBeVisible();
});

test('at 400 % nothing scrolls sideways, and motion can be off', async ({ person }) => {
  // 1280 by 1024 at 400 %.
  const minsu = await person('minsu', { viewport: { width: 320, height: 256 }, reducedMotion: 'reduce' });
  const isWide = () => minsu.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(await isWide()).toBe(false);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu.locator('#composer')).toBeVisible();
  expect(await isWide()).toBe(false);
  await expect(minsu.locator('.button').first()).toHaveCSS('transition-duration', '0s');
  for (const path of ['/settings', '/shortcuts', '/sign_in']) {
    await minsu.goto(new URL(path, minsu.url()).href);
    expect(await isWide(), path).toBe(false);
  }
});

test('without the server a page says so, and its address works again later', async ({ serverOf, browserOf, expectedErrors }) => {
  expectedErrors.push(/WebSocket connection/, /ERR_CONNECTION_REFUSED/, /Failed to load resource/, /ERR_FAILED/);
  const server = await serverOf(false);
  server.addPerson('minsu', '김민수');
  const page = await (await browserOf({ serviceWorkers: 'allow' })).newPage();
  await signIn(page, server, 'minsu', PASSWORD);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await server.stop('SIGKILL');
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { name: '서버에 연결할 수 없습니다' })).toBeVisible();
  await expect(page.locator('.card')).toHaveCSS('border-radius', '18px');
  await server.start(false);
  await page.getByRole('link', { name: '다시 시도' }).click();
  await expect(page.getByRole('heading', { name: '설정' })).toBeVisible();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await page.waitForFunction(async () => (await (await caches.match('/offline'))?.text())?.includes('cannot be reached'));
  await server.stop('SIGKILL');
  await page.goto(`${server.url}/settings`);
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible();
});

test('a screen reader announces every message of a burst, and no history', async ({ person }) => {
  const cheolsu = await person('cheolsu');
  const [minsus, cheolsus] = await pair(await person('minsu'), cheolsu);
  await minsus.evaluate(() => {
    const line = document.querySelector('.log-frame [aria-live=polite]')!;
    const heard = [line.textContent];
    new MutationObserver(() => heard.push(line.textContent)).observe(line, { childList: true, characterData: true, subtree: true });
    Object.assign(window, { heard });
  });
  const heard = () => minsus.evaluate(() => (window as unknown as { heard: string[] }).heard.join('|'));
  await fill(cheolsus, ['하나입니다', '둘입니다', '셋입니다', '넷입니다']);
  await expect.poll(heard).toContain('박철수: 넷입니다');
  const texts = await heard();
  for (const text of ['하나', '둘', '셋']) expect(texts.split(`박철수: ${text}입니다`).length, text).toBe(2);
  expect(texts).not.toContain('민원');
});
