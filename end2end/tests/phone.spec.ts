// A phone: what a walk by touch found. Targets and long presses are in touch.spec.
import type { Locator, Page } from '@playwright/test';
import { bubble, decide, DEMO_PASSWORD, expect, group, hydrated, popup, say, settledBox, signIn, test } from '../stage';
import { chooseFiles, document as file, picture } from '../files';

const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Holds a finger on the middle of an element. The answer lifts it. */
async function hold(element: Locator): Promise<() => Promise<unknown>> {
  const devtools = await element.page().context().newCDPSession(element.page());
  await element.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await element.boundingBox())!;
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + width / 2, y: y + height / 2 }] });
  return () => devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

/** Waits until the part of the program for dialogs is loaded, which follows long presses in lists. */
async function loadDialogs(page: Page): Promise<void> {
  await page.getByRole('button', { name: '내 상태' }).tap();
  const card = page.getByRole('dialog', { name: '김민수' });
  await expect(card).toBeVisible();
  await page.goBack();
  await expect(card).toBeHidden();
}

test('while messages are selected, each row stays as high as its message', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  for (let line = 1; line <= 8; line++) await say(minsu, `${line}번째\n줄이 여럿인 글입니다.\n${'말 '.repeat(60)}`);
  await chooseFiles(minsu, [file('보고서.txt', 300)]);
  await minsu.locator('.send').tap();
  await expect(minsu.locator('.said .file')).toBeVisible();
  const covered = () => minsu.locator('.said').evaluateAll((rows) => rows
    .filter((row) => row.querySelector('.bubble')!.getBoundingClientRect().height > row.getBoundingClientRect().height + 1).length);
  expect(await covered()).toBe(0);
  await bubble(minsu, '8번째').locator('[data-act=menu]').tap();
  await minsu.locator('[data-do=select]').tap();
  await expect(minsu.locator('.selection-bar')).toBeVisible();
  expect(await covered()).toBe(0);
});

test('an edit takes no files and no options, and its Back ends it', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await say(minsu, '고칠 글');
  await minsu.locator('.attach').tap();
  await minsu.getByRole('switch', { name: '확인 요청' }).tap();
  await expect(minsu.locator('.request-bar')).toBeVisible();
  await bubble(minsu, '고칠 글').locator('[data-act=menu]').tap();
  await minsu.locator('[data-do=edit]').tap();
  await expect(minsu.locator('.attach')).toBeHidden();
  await expect(minsu.locator('.request-bar')).toHaveCount(0);
  await minsu.goBack();
  await expect(minsu.locator('b', { hasText: '메시지 수정' })).toBeHidden();
  await expect(minsu.locator('.request-bar')).toBeVisible();
  await minsu.goBack();
  await expect(minsu.locator('.request-bar')).toHaveCount(0);
  await expect(minsu.locator('#composer')).toBeVisible();
});

test('the field fits its text after the phone was turned', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  const field = minsu.locator('#composer');
  await field.fill('가로로 쓰면 한 줄인 글이 세로에서는 여러 줄');
  const hidden = () => field.evaluate((field: HTMLTextAreaElement) => field.scrollHeight - field.clientHeight);
  for (const [width, height] of [[740, 360], [360, 740]]) {
    await minsu.setViewportSize({ width: width!, height: height! });
    await expect.poll(hidden).toBeLessThanOrEqual(0);
  }
});

test('the field has the width of a narrow window, and every button keeps its size', async ({ person }) => {
  for (const [view, least, target] of [[phone, 190, 44], [{ viewport: { width: 360, height: 740 } }, 150, 36]] as const) {
    const minsu = await person('minsu', view);
    await minsu.locator('button.row', { hasText: '박철수' }).click();
    const field = minsu.locator('#composer');
    for (const size of ['2', '5']) {
      await minsu.evaluate((size) => { window.document.documentElement.dataset.size = size; }, size);
      expect((await field.boundingBox())!.width, `size ${size}`).toBeGreaterThan(least);
      for (const button of await minsu.locator('.composer button:visible').all()) {
        const { x, width, height } = (await button.boundingBox())!;
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(target);
        expect(x + width).toBeLessThanOrEqual(360);
      }
    }
    const text = `${least}픽셀보다 넓은 곳에 쓴 글`;
    await field.fill(text);
    await minsu.getByRole('button', { name: '보내기', exact: true }).click();
    await expect(bubble(minsu, text)).toBeVisible();
  }
});

test('two files whose names differ at the end can be distinguished', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  for (const number of [1, 2]) await chooseFiles(minsu, [file(`2026년 하반기 기획조정실 업무보고 ${number}차안.txt`, 300)]);
  await minsu.locator('.send').tap();
  const names = minsu.locator('.said .file-name');
  await expect(names).toHaveCount(2);
  for (const name of await names.all()) {
    expect(await name.evaluate((name) => name.scrollHeight - name.clientHeight), 'nothing is cut').toBeLessThanOrEqual(1);
  }
});

test('a received file shows its whole name', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu', phone), await person('cheolsu')];
  const names = [1, 2].map((number) => `2026년 하반기 기획조정실 정보화담당관 업무보고 최종 ${number}차안(검토의견 반영).txt`);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('#panel-people button.row', { hasText: 'minsu)' }).first().click());
  await chooseFiles(cheolsus, names.map((name) => file(name, 300)));
  await cheolsus.locator('.send').click();
  const shown = minsu.locator('.said .file-name');
  await expect(shown).toHaveCount(2);
  for (const width of [360, 320]) {
    await minsu.setViewportSize({ width, height: 740 });
    for (const name of await shown.all()) {
      expect(await name.evaluate((name) => name.scrollHeight - name.clientHeight), `nothing is cut at ${width}`).toBeLessThanOrEqual(1);
    }
  }
});

test('the sign-in form tells a signed-in user who they are, and no old error', async ({ person, server }) => {
  const minsu = await person('minsu', phone);
  await minsu.goto(`${server.url}/sign_in?error=credentials&login=minsu&next=%2Fsettings`);
  await expect(minsu.getByText('김민수님으로 로그인되어 있습니다.')).toBeVisible();
  await expect(minsu.locator('.form-error')).toHaveCount(0);
  await minsu.getByRole('link', { name: '계속하기' }).tap();
  await expect(minsu).toHaveURL(`${server.url}/settings`);
  for (const next of ['//example.com', '/\\example.com', 'https://example.com']) {
    await minsu.goto(`${server.url}/sign_in?next=${encodeURIComponent(next)}`);
    await expect(minsu.getByRole('link', { name: '계속하기' })).toHaveAttribute('href', '/');
  }
  // Another account may sign in here.
  await signIn(minsu, server, 'younghee', DEMO_PASSWORD);
});

test('the list says who wrote the last message of a group', async ({ person }) => {
  const [minsu, younghee] = [await person('minsu'), await person('younghee')];
  await group(minsu, ['이영희', '박철수'], '간식 모임');
  await say(minsu, '오늘 간식은?');
  const row = younghee.locator('#panel-rooms .row', { hasText: '간식 모임' });
  await expect(row).toContainText(/김민수.*: 오늘 간식은\?/);
  await expect(minsu.locator('#panel-rooms .row', { hasText: '간식 모임' })).toContainText('나: 오늘 간식은?');
});

test('Back and Escape clear the search of the list first, and Back leads from a hit to the hits', async ({ person }) => {
  const minsu = await person('minsu', phone);
  const [field, hit] = [minsu.locator('.search input'), minsu.locator('#panel-rooms .hit').first()];
  await field.fill('회의');
  await minsu.locator('#tab-rooms').tap();
  await hit.tap();
  await expect(minsu.locator('#composer')).toBeVisible();
  await minsu.goBack();
  await expect(minsu.locator('#composer')).toHaveCount(0);
  await expect(field).toHaveValue('회의');
  await expect(hit).toBeVisible();
  await minsu.goBack();
  await expect(field).toHaveValue('');
  await expect(minsu.locator('.side')).toBeVisible();
  await field.fill('회의');
  await minsu.locator('#tab-people').focus();
  await minsu.keyboard.press('Escape');
  await expect(field).toHaveValue('');
});

test('a conversation that is opened without a connection has its name, and tells when it loads', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const minsu = await person('minsu', phone);
  // The part of the program for conversations is loaded.
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await expect(minsu.locator('#composer')).toBeVisible();
  await minsu.goBack();
  await minsu.locator('#tab-rooms').tap();
  await minsu.context().setOffline(true);
  await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first().tap();
  await expect(minsu.locator('.chat h1')).toContainText('이영희');
  await expect(minsu.locator('.chat .bar .avatar')).toBeVisible();
  await expect(minsu.locator('.chat .beginning')).toHaveText('연결되면 대화를 불러옵니다.');
  await minsu.context().setOffline(false);
  await expect(minsu.locator('.said').first()).toBeVisible();
});

test('without a connection a tap on a person opens their conversation, or says why not, and the page stays', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const younghee = await person('younghee', phone);
  // The part of the program for conversations is loaded.
  await younghee.locator('button.row', { hasText: '최지우' }).first().tap();
  await expect(younghee.locator('#composer')).toBeVisible();
  await younghee.goBack();
  await younghee.context().setOffline(true);
  await expect(younghee.locator('.side .lost').first()).toBeVisible();
  await younghee.locator('#panel-people button.row', { hasText: '최지우' }).first().tap();
  await expect(younghee.locator('.chat h1')).toContainText('최지우');
  await younghee.goBack();
  // They have never talked to each other.
  const stranger = younghee.locator('#panel-people button.row', { hasText: '박철수' }).first();
  const why = younghee.waitForEvent('dialog');
  const tapped = stranger.tap();
  const dialog = await why;
  expect(dialog.message()).toContain('연결이 끊겼습니다');
  await dialog.accept();
  await tapped;
  await expect(stranger).toBeVisible();
  await younghee.context().setOffline(false);
});

test('what a closed conversation left unsent goes out with the next connection', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const [minsu, cheolsu] = [await person('minsu', phone), await person('cheolsu')];
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await expect(minsu.locator('#composer')).toBeVisible();
  await minsu.context().setOffline(true);
  await expect(minsu.locator('.chat .lost').first()).toBeVisible();
  await say(minsu, '터널에서 쓴 글');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await minsu.locator('#tab-rooms').tap();
  const line = minsu.locator('#panel-rooms .row-item', { hasText: '박철수' }).locator('.row-line');
  await expect(line).toContainText('보내는 중');
  await minsu.context().setOffline(false);
  // Sooner than an open window's own messages would count as left behind.
  await expect(cheolsu.locator('.toast, #panel-rooms'), 'at once').toContainText(['터널에서 쓴 글'], { timeout: 4_000 });
  await expect(line.locator('.draft')).toHaveCount(0, { timeout: 4_000 });
});

test('files that are chosen without a connection are kept, also when none was chosen before', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await expect(minsu.locator('#composer')).toBeVisible();
  const image = await picture(minsu, '결재.png', 64, 48);
  // The part of the program for files loads by itself, some seconds after the others.
  await minsu.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('split_files')), undefined, { timeout: 20_000 });
  await minsu.waitForTimeout(1_000);
  await minsu.context().setOffline(true);
  await expect(minsu.locator('.chat .lost').first()).toBeVisible();
  await chooseFiles(minsu, [image]);
  await expect(minsu.locator('.tray-file')).toBeVisible();
  await say(minsu, '결재 서류 사진입니다');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await minsu.locator('#tab-rooms').tap();
  const line = minsu.locator('#panel-rooms .row-item', { hasText: '박철수' }).locator('.row-line');
  await expect(line).toContainText('파일을 다 올리면 보냅니다');
  await minsu.context().setOffline(false);
  await minsu.locator('#panel-rooms a.row', { hasText: '박철수' }).tap();
  await expect(bubble(minsu, '결재 서류')).toHaveAttribute('data-state', 'sent', { timeout: 20_000 });
});

test('a toast shows which of two namesakes wrote, in a narrow window with the largest text', async ({ person }) => {
  const [cheolsu, minsu] = [await person('cheolsu', { ...phone, viewport: { width: 320, height: 640 } }), await person('minsu')];
  await cheolsu.evaluate(() => { window.document.documentElement.dataset.size = '5'; });
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await say(window, '잠깐 볼까요');
  const name = cheolsu.locator('.toast b');
  await expect(name).toContainText('(minsu)');
  expect(await name.evaluate((name) => name.scrollHeight - name.clientHeight)).toBeLessThanOrEqual(2);
});

test('with the largest text what tells namesakes apart is not cut, and the header has its words', async ({ person }) => {
  const minsu = await person('minsu', { ...phone, viewport: { width: 320, height: 640 } });
  await minsu.evaluate(() => { window.document.documentElement.dataset.size = '5'; });
  const cut = (of: string) => minsu.locator(of).evaluateAll((names) => names
    .filter((name) => name.scrollHeight > name.clientHeight + 2 || name.scrollWidth > name.clientWidth + 1).map((name) => name.textContent));
  for (const tab of ['people', 'rooms']) {
    await minsu.locator(`#tab-${tab}`).tap();
    await expect(minsu.locator(`#panel-${tab} .row-name > bdi`, { hasText: '(minsu2)' })).toBeVisible();
    expect(await cut(`#panel-${tab} .row-name > bdi`)).toEqual([]);
  }
  expect(await cut('.side > .bar p')).toEqual([]);
  const out = minsu.getByRole('button', { name: '로그아웃' });
  expect((await out.boundingBox())!.width, 'its icon').toBeLessThan(60);
  await minsu.locator('#panel-rooms a.row', { hasText: '(minsu2)' }).tap();
  await expect(minsu.locator('.chat h1')).toContainText('(minsu2)');
  expect(await cut('.chat h1 > bdi')).toEqual([]);
});

test('a frequent status does not open the keyboard', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.getByRole('button', { name: '내 상태' }).tap();
  const card = minsu.getByRole('dialog', { name: '김민수' });
  await card.getByRole('button', { name: '회의 중' }).tap();
  await expect(card.getByLabel('상태 메시지')).toHaveValue('회의 중');
  await expect(card.getByLabel('상태 메시지')).not.toBeFocused();
  await expect(card.getByRole('button', { name: '저장' })).toBeInViewport({ ratio: 1 });
});

test('a toast over the list leaves the header, the search, the tabs and the newest row free', async ({ person }) => {
  const [minsu, younghee] = [await person('minsu', phone), await person('younghee', phone)];
  await younghee.locator('button.row', { hasText: 'minsu)' }).tap();
  await say(younghee, '목록에서 볼 알림');
  await expect(minsu.locator('.toast')).toContainText('목록에서 볼 알림');
  await minsu.locator('#tab-rooms').tap();
  const newest = minsu.locator('#panel-rooms .row-item').first();
  await expect(newest).toContainText('목록에서 볼 알림');
  for (const width of [360, 320]) {
    await minsu.setViewportSize({ width, height: 640 });
    const top = await minsu.locator('.toasts').evaluate((toasts) => toasts.getBoundingClientRect().top);
    const { y, height } = await settledBox(newest);
    expect(top).toBeGreaterThanOrEqual(y + height);
  }
});

test('on a phone Enter breaks the line, until a key shows a keyboard or a setting says otherwise', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  const field = minsu.locator('#composer');
  await expect(field).toHaveAttribute('enterkeyhint', 'enter');
  await field.fill('첫째 줄');
  await field.press('Enter');
  await expect(field).toHaveValue('첫째 줄\n');
  await field.pressSequentially('둘째 줄');
  await minsu.locator('.send').tap();
  await expect(bubble(minsu, '둘째 줄')).toHaveCount(1);
  await field.fill('자판이 있는 글');
  await field.press('ArrowLeft');
  await field.press('Enter');
  await expect(bubble(minsu, '자판이 있는 글')).toHaveCount(1);
  await decide(minsu, 'enter=send');
  await minsu.reload();
  await hydrated(minsu);
  await expect(field).toHaveAttribute('enterkeyhint', 'send');
  await field.fill('설정대로 보낸 글');
  await field.press('Enter');
  await expect(bubble(minsu, '설정대로 보낸 글')).toHaveCount(1);
});

test('on a narrow phone the search in a conversation has room for its words', async ({ person }) => {
  const narrow = { width: 320, height: 640 };
  const minsu = await person('minsu', { ...phone, viewport: narrow, screen: narrow });
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await minsu.locator('.more summary').tap();
  await minsu.locator('.more [data-do=find]').tap();
  await minsu.locator('#find').fill('없는 말');
  await expect(minsu.locator('.find .hint')).toBeVisible();
  expect((await minsu.locator('#find').boundingBox())!.width).toBeGreaterThan(240);
});

test('the question before a recall stays in a low window', async ({ person }) => {
  for (const viewport of [{ width: 320, height: 200 }, { width: 1280, height: 400 }]) {
    const minsu = await person('minsu', { viewport });
    await decide(minsu, 'place=here');
    await minsu.locator('button.row', { hasText: '박철수' }).click();
    const text = `거둘 글 ${viewport.height}`;
    await say(minsu, text);
    await expect(bubble(minsu, text)).toHaveAttribute('data-state', 'sent');
    await bubble(minsu, text).focus();
    await minsu.keyboard.press('Enter');
    await minsu.locator('.bubble-menu [data-ask]').click();
    const question = minsu.locator('.sure');
    await expect(question.getByRole('button').first()).toBeFocused();
    await expect(question).toBeInViewport({ ratio: 1 });
    const menu = (await minsu.locator('.bubble-menu').boundingBox())!;
    expect(menu.y).toBeGreaterThanOrEqual(0);
    expect(menu.y + menu.height).toBeLessThanOrEqual(viewport.height);
  }
});

test('on a touch screen a conversation opens in place, whatever the turn', async ({ person }) => {
  const turned = { width: 740, height: 360 };
  const minsu = await person('minsu', { ...phone, viewport: turned, screen: turned });
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await expect(minsu.locator('.stage h1')).toContainText('박철수');
  await minsu.goBack();
  await minsu.locator('#tab-rooms').tap();
  await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first().tap();
  await expect(minsu.locator('.stage h1')).toContainText('이영희');
  expect(minsu.context().pages()).toHaveLength(1);
});

test('a long press on a picture opens the menu of its message, and not the viewer', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await chooseFiles(minsu, [await picture(minsu, '사진.png', 320, 240)]);
  await minsu.locator('.send').tap();
  const shown = minsu.locator('.said[data-state=sent] .picture');
  await expect(shown).toBeVisible();
  const release = await hold(shown);
  await expect(minsu.locator('.bubble-menu')).toBeVisible();
  await release();
  await minsu.locator('.bubble-menu [data-do=reply]').tap();
  await expect(minsu.locator('.mode').first()).toBeVisible();
  await expect(minsu.locator('.viewer')).toHaveCount(0);
  await shown.tap();
  await expect(minsu.locator('.viewer')).toBeVisible();
});

test('a long press on a link to a message does not follow it, a tap does', async ({ person, server }) => {
  const minsu = await person('minsu', phone);
  const address = await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first().getAttribute('href');
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await say(minsu, `${server.url}${address}`);
  const link = minsu.locator('.body a');
  await expect(minsu.locator('.said[data-state=sent]', { has: link })).toBeVisible();
  await minsu.evaluate(() => addEventListener('click', () => { document.body.dataset.clicks = `${Number(document.body.dataset.clicks ?? 0) + 1}`; }, true));
  const release = await hold(link);
  await minsu.evaluate(() => new Promise((over) => setTimeout(over, 700)));
  await release();
  await link.tap();
  await expect(minsu.locator('.chat h1')).toContainText('이영희');
  expect(await minsu.evaluate(() => document.body.dataset.clicks), 'of the tap').toBe('1');
});

test('a long press on a row of a list opens its menu or card, and nothing on release', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await loadDialogs(minsu);
  const release = await hold(minsu.locator('button.row', { hasText: '박철수' }));
  const card = minsu.getByRole('dialog', { name: '박철수' });
  await expect(card).toBeVisible();
  await release();
  await minsu.goBack();
  await expect(card).toBeHidden();
  await minsu.locator('#tab-rooms').tap();
  const lift = await hold(minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first());
  await expect(minsu.locator('.list-menu')).toBeVisible();
  await lift();
  await minsu.locator('.list-menu [data-do=pin]').tap();
  await expect(minsu.locator('#panel-rooms .row-item').first()).toContainText('위에 고정됨');
  await expect(minsu.locator('#composer')).toHaveCount(0);
  await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first().tap();
  await expect(minsu.locator('#composer')).toBeVisible();
});

/** A long press that the browser reports, and its release: whether each keeps its default. */
const longPress = (row: Locator) => row.evaluate((row) => {
  row.dispatchEvent(new PointerEvent('pointerdown', { pointerType: 'touch', bubbles: true }));
  return ['contextmenu', 'touchend'].map((kind) => row.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true })));
});

test('a long press opens the menu of a row while a text is selected, and does nothing on a row without a menu', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await loadDialogs(minsu);
  await minsu.evaluate(() => getSelection()!.selectAllChildren(window.document.querySelector('.side h1')!));
  const row = minsu.locator('button.row', { hasText: '박철수' });
  expect(await longPress(row)).toEqual([false, false]);
  const card = minsu.getByRole('dialog', { name: '박철수' });
  await expect(card).toBeVisible();
  await minsu.goBack();
  await row.tap();
  await say(minsu, '찾을 글');
  await minsu.locator('.more summary').tap();
  await minsu.locator('.more [data-do=find]').tap();
  await minsu.locator('#find').fill('찾을 글');
  expect(await longPress(minsu.locator('.find .hit'))).toEqual([true, true]);
});

test('on a touch screen a held button of a mouse is a click', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await loadDialogs(minsu);
  await minsu.locator('button.row', { hasText: '박철수' }).hover();
  await minsu.mouse.down();
  await minsu.evaluate(() => new Promise((over) => setTimeout(over, 700)));
  await expect(minsu.getByRole('dialog')).toHaveCount(0);
  await minsu.mouse.up();
  await expect(minsu.locator('.chat h1')).toContainText('박철수');
});

test('the button of a code block covers no part of the code', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await minsu.locator('#composer').fill('```\nSELECT name, department FROM people WHERE department = 42\n```');
  await minsu.locator('.send').tap();
  const [code, button] = [minsu.locator('.code-block .code'), minsu.locator('.code-block .button')];
  await expect(code).toBeVisible();
  const end = await code.evaluate((code) => {
    code.scrollLeft = code.scrollWidth;
    const text = document.createRange();
    text.selectNodeContents(code);
    return { text: text.getBoundingClientRect().right, code: code.getBoundingClientRect().right };
  });
  expect(end.text).toBeLessThanOrEqual(end.code);
  expect((await button.boundingBox())!.x).toBeGreaterThanOrEqual(end.code);
});

test('in a low window the search in a conversation shows several hits', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  for (const number of [1, 2, 3]) await say(minsu, `찾을 글 ${number}`);
  await minsu.locator('.more summary').tap();
  await minsu.locator('.more [data-do=find]').tap();
  await minsu.setViewportSize({ width: 360, height: 400 });
  await minsu.locator('#find').fill('찾을 글');
  await expect(minsu.locator('.find .hit')).toHaveCount(3);
  await expect(minsu.locator('.find .hit').last()).toBeInViewport({ ratio: 1 });
});

test('Back from the list leaves; it does not return to the sign-in form', async ({ person, server }) => {
  const minsu = await person('minsu', phone);
  await minsu.goBack();
  await expect(minsu).toHaveURL(`${server.url}/`);
  await expect(minsu.locator('.tabs')).toBeVisible();
  // To sign in with another account stays possible.
  await signIn(minsu, server, 'younghee', DEMO_PASSWORD);
  await expect(minsu.locator('.side > .bar')).toContainText('이영희');
});

test('a line of feedback does not cover the newest row of the list', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('#tab-rooms').tap();
  await minsu.locator('#panel-rooms .act').first().tap();
  await minsu.locator('.list-menu [data-do=mute]').tap();
  await expect(minsu.locator('p.toast')).toBeVisible();
  const top = await minsu.locator('p.toast').evaluate((toast) => toast.getBoundingClientRect().top);
  expect(top).toBeGreaterThan((await minsu.locator('#panel-rooms .row-item').first().boundingBox())!.y + 58);
});
