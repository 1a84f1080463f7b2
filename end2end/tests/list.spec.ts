// The list and the room next to it, in windows of all sizes.
import { bubble, choose, decide, expect, hydrated, pair, popup, say, test, PASSWORD, signIn } from '../stage';

test('rows stay in place under the pointer and the focus, and update after', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  const names = { minsu: '김민수', kang: '강하늘', cheolsu: '박철수', jiwoo: '최지우' };
  for (const [login, name] of Object.entries(names)) server.addPerson(login, name);
  const open = async (login: string) => {
    const page = await (await browserOf()).newPage();
    await signIn(page, server, login, PASSWORD);
    await hydrated(page);
    return page;
  };
  const minsu = await open('minsu');
  const shown = minsu.locator('#panel-people .row-name bdi');
  const row = (name: string) => minsu.locator('#panel-people .row', { hasText: name });
  await expect(shown).toHaveText(['김민수', '강하늘', '박철수', '최지우']);
  await row('박철수').hover();
  const jiwoo = await open('jiwoo');
  await expect(row('최지우').locator('.dot')).toHaveText('온라인');
  await expect(shown).toHaveText(['김민수', '강하늘', '박철수', '최지우']);
  await minsu.mouse.move(200, 20);
  await expect(shown).toHaveText(['김민수', '최지우', '강하늘', '박철수']);

  await row('최지우').focus();
  await open('cheolsu');
  await expect(row('박철수').locator('.dot')).toHaveText('온라인');
  await expect(shown).toHaveText(['김민수', '최지우', '강하늘', '박철수']);
  await jiwoo.locator('.row.me').click();
  await jiwoo.getByLabel('다른 용무 중').check();
  await jiwoo.getByRole('button', { name: '저장' }).click();
  await expect(row('최지우').locator('.dot')).toHaveText('다른 용무 중');
  await expect(row('최지우')).toBeFocused();
  await minsu.getByRole('searchbox').focus();
  await expect(shown).toHaveText(['김민수', '박철수', '최지우', '강하늘']);
});

test('the dot shows presence everywhere; words say who has a room open', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await decide(minsu, 'place=here');
  const cheolsu = await person('cheolsu');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  const header = minsu.locator('.chat .bar');
  await expect(header.locator('.dot')).toHaveText('온라인');
  await expect(header.getByRole('status')).toHaveText('온라인');
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '김민수 (minsu)' }).click());
  await expect(header.getByRole('status')).toHaveText('박철수님과 대화중입니다.');
  await cheolsu.locator('.row.me').click();
  await cheolsu.getByLabel('다른 용무 중').check();
  await cheolsu.getByRole('button', { name: '저장' }).click();
  await expect(header.locator('.dot')).toHaveText('다른 용무 중');
  await expect(cheolsus.locator('.chat .bar .dot')).toHaveCount(0);
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await expect(header.locator('.dot')).toHaveText('오프라인');
  await expect(header.getByRole('status')).toHaveText('오프라인 · 메시지를 남길 수 있습니다');
});

test('a wide window shows rooms next to the list, unless a setting says otherwise', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1400, height: 800 } });
  const stage = minsu.locator('.stage');
  await expect(stage.getByText('대화를 선택하세요.')).toBeVisible();
  await expect(stage.getByRole('link')).toBeHidden();
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu).toHaveURL(/\?room=/);
  await expect(minsu.locator('#composer')).toBeFocused();
  // Lines have a readable length, and are centred in the window.
  const box = (selector: string) => minsu.locator(selector).first().evaluate((element) => {
    const { left, right } = element.getBoundingClientRect();
    return { left, right, padding: parseFloat(getComputedStyle(element).paddingLeft) };
  });
  await minsu.setViewportSize({ width: 1920, height: 900 });
  const log = await box('.log');
  expect(log.right - log.left - 2 * log.padding).toBeLessThan(1000);
  expect((await box('.side')).right).toBeLessThanOrEqual(400);
  await minsu.setViewportSize({ width: 1100, height: 800 });
  await minsu.goto(new URL('/', minsu.url()).href);
  await hydrated(minsu);
  await expect(stage.getByText('사람이나 대화를 선택하면 새 창에서 열립니다.')).toBeVisible();
  await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await minsu.setViewportSize({ width: 1400, height: 800 });
  await minsu.goto(new URL('/settings', minsu.url()).href);
  await minsu.getByLabel('새 창으로').check();
  await expect(minsu.locator('html')).toHaveAttribute('data-place', 'window');
  await minsu.getByRole('link', { name: '메신저로 돌아가기' }).click();
  await expect(stage.getByText('사람이나 대화를 선택하면 새 창에서 열립니다.')).toBeVisible();
  await expect(stage.getByText('대화를 선택하세요.')).toBeHidden();
  await expect(stage.getByRole('link', { name: '설정' })).toBeVisible();
});

test('the list opens at the rooms if one has unread messages, else at the people', async ({ server, browserOf, person }) => {
  const plain = await (await browserOf({ javaScriptEnabled: false })).newPage();
  await signIn(plain, server, 'minsu2');
  await expect(plain.locator('#tab-rooms')).toHaveAttribute('aria-selected', 'true');
  await expect(plain.locator('#panel-people .row.me')).toBeVisible();
  const minsu2 = await person('minsu2');
  await expect(minsu2.locator('#panel-rooms a.row')).toBeVisible();
  await expect(minsu2.locator('#panel-people')).toBeHidden();
  await expect(minsu2.locator('#panel-people form [name=user]').first()).toBeAttached();
  await minsu2.locator('#panel-rooms a.row').click();
  await expect(minsu2.locator('#tab-rooms .badge')).toHaveCount(0);
  await minsu2.reload();
  await expect(minsu2.locator('#panel-people .row.me')).toBeVisible();
});

test('on a phone nothing is cut off or covered: the subtitle, times, the button of a message', async ({ person }) => {
  const phone = { viewport: { width: 390, height: 844 }, screen: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const minsu = await person('minsu', phone);
  await minsu.getByRole('tab', { name: '대화' }).tap();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '이영희' });
  await row.getByRole('link').tap();
  await choose(minsu, '위에 고정');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  const [time, pin] = [(await row.locator('.time').boundingBox())!, (await row.getByRole('button').boundingBox())!];
  expect(time.x + time.width).toBeLessThanOrEqual(pin.x);
  await row.getByRole('link').tap();
  const younghee = await person('younghee');
  await younghee.goto(minsu.url().replace('/?room=', '/rooms/'));
  const line = minsu.locator('.chat .bar').getByText('이영희님과 대화중입니다.');
  await expect(line).toBeVisible();
  expect(await line.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  await say(minsu, '고칠 글입니다. 두 줄이 될 만큼 길어야 합니다.');
  const said = bubble(minsu, '고칠 글');
  const button = said.getByRole('button', { name: '메시지 메뉴' });
  await expect(said).toHaveAttribute('data-state', 'sent');
  // Reading the room also renders its row again.
  let before = 0;
  await expect(async () => { before = (await button.boundingBox())!.x; }).toPass();
  await button.tap();
  await minsu.getByRole('button', { name: '수정', exact: true }).tap();
  await minsu.locator('#composer').fill('고칠 글입니다! 두 줄이 될 만큼 길어야 합니다.');
  await minsu.getByRole('button', { name: '수정' }).last().tap();
  await expect(said.getByText('수정됨')).toBeVisible();
  await expect(async () => expect(Math.abs((await button.boundingBox())!.x - before)).toBeLessThan(4)).toPass({ timeout: 5_000 });
});

test('a large organisation starts with the own department open; the others open by keys', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false, ['--list-everybody', '0']);
  server.addPerson('sejong', '세종');
  const name = (number: number) => (number === 777 ? '황보름' : `사람${String(number).padStart(4, '0')}`);
  const row = (_: unknown, number: number) => `u${number},${name(number)},${number < 400 ? '가국/큰과' : `나국/${number % 8}과`}\n`;
  server.importPeople(`login,name,department\nsejong,세종,나국/3과\n${Array.from({ length: 800 }, row).join('')}`);
  const context = await browserOf();
  const page = await context.newPage();
  await signIn(page, server, 'sejong', PASSWORD);
  const html = await (await page.request.get(`${server.url}/`)).text();
  expect(html.match(/class="row-item"/g)!.length, 'only the first of one\'s own are in the page').toBeLessThan(40);
  await hydrated(page);
  const panel = page.locator('#panel-people');
  const heads = panel.locator('h2.group');
  const rows = panel.locator('.row');
  await expect(heads.first(), 'where one works').toHaveText('나국 · 1/401');
  await expect(heads.nth(4)).toHaveText('3과 · 1/51');
  await expect(heads.last()).toHaveText('가국 · 0/400');
  await expect(heads).toHaveCount(10);
  await expect(rows.first()).toContainText('세종');

  const keys = page.keyboard;
  await heads.first().getByRole('button').focus();
  await keys.press('End');
  await expect(heads.last().getByRole('button')).toBeFocused();
  await keys.press('ArrowRight');
  await expect(heads.last()).toHaveText('큰과 · 0/400');
  await keys.press('ArrowDown');
  await keys.press('Enter');
  await keys.press('ArrowDown');
  await expect(panel.locator('.row:focus')).toContainText(name(0));
  for (let down = 0; down < 60; down++) await keys.press('ArrowDown');
  await expect(panel.locator('.row:focus')).toContainText(name(60));
  expect(await rows.count(), 'of 451 that are open').toBeLessThan(120);
  await keys.press('End');
  await expect(panel.locator('.row:focus')).toContainText(name(399));
  await panel.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await expect(panel.getByText(name(175))).toBeInViewport();
  await expect(panel, 'the row with the focus is not drawn any more').toBeFocused();
  await keys.press('ArrowDown');
  await expect(panel.locator('.row:focus')).toContainText(/사람01\d\d/);
  await keys.press('Home');
  await expect(heads.first().getByRole('button')).toBeFocused();

  await page.reload();
  await hydrated(page);
  await expect(heads.last()).toHaveText('큰과 · 0/400');
  await heads.nth(4).getByRole('button').click();
  await heads.last().getByRole('button').click();
  await expect(rows).toHaveCount(0);
  await page.getByRole('searchbox').fill('ㅎㅂㄹ');
  await expect(rows).toHaveText([/황보름/]);
  await page.getByRole('searchbox').fill('ghkdqh');
  await expect(rows, 'with the keyboard in the other language').toHaveText([/황보름/]);
  await page.getByRole('searchbox').fill('사람');
  await expect(rows.first()).toContainText(name(400));
  expect(await rows.count(), 'of 799 that are found').toBeLessThan(120);
  await page.getByRole('searchbox').fill('');
  await expect(rows).toHaveCount(0);
});

test('arrow keys that follow the opening of a department before a frame reach its rows', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('sejong', '세종');
  const row = (_: unknown, number: number) => `u${number},사람${String(number).padStart(4, '0')},가국\n`;
  server.importPeople(`login,name,department\nsejong,세종,나국\n${Array.from({ length: 400 }, row).join('')}`);
  const page = await (await browserOf()).newPage();
  await signIn(page, server, 'sejong', PASSWORD);
  await hydrated(page);
  const head = page.locator('#panel-people h2.group', { hasText: '가국' }).getByRole('button');
  await expect(head).toHaveAttribute('aria-expanded', 'false');
  await head.focus();
  // All within one task, so that no frame renders a row in between.
  await page.evaluate(async () => {
    const press = async (key: string) => {
      const init = { key, bubbles: true, cancelable: true };
      document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', init));
      await Promise.resolve();
    };
    (document.activeElement as HTMLElement).click();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    for (let down = 0; down < 25; down++) await press('ArrowDown');
  });
  await expect(page.locator('#panel-people .row:focus')).toContainText('사람0024');
});

test('a row keeps the focus when a message changes it', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus, cheolsus] = await pair(minsu, await person('cheolsu'));
  await minsus.close();
  await minsu.getByRole('tab', { name: '대화' }).click();
  const row = minsu.getByRole('link', { name: /박철수/ });
  for (const place of [row, row.locator('~ .act')]) {
    await place.focus();
    await say(cheolsus, `새 글 ${Date.now()}`);
    await expect(row).toContainText('새 글');
    await expect(place).toBeFocused();
  }
});
