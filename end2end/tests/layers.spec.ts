// Layers over the page: Escape and "back" close only the top one, and the focus returns to the opener.
import { type Locator, type Page } from '@playwright/test';
import { bubble, choose, decide, expect, group, hydrated, menuOf, PASSWORD, say, signIn, test } from '../stage';
import { chooseFiles, picture } from '../files';

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Advances the page's clock. */
async function pass(page: Page, ms: number): Promise<void> {
  await page.evaluate((ms) => {
    const real = Date.now;
    Date.now = () => real() + ms;
  }, ms);
}

async function closes(page: Page, dialog: Locator, from: Locator): Promise<void> {
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(from).toBeFocused();
}

test('dialogs and menus return the focus, and have visible titles', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const dialog = minsu.getByRole('dialog');
  for (const opener of [minsu.locator('.new-group'), minsu.getByRole('button', { name: '이영희 정보 보기' }).first(), minsu.locator('.row.me').first()]) {
    await opener.focus();
    await minsu.keyboard.press('Enter');
    await expect(dialog.getByRole('heading')).toHaveText((await dialog.getAttribute('aria-label'))!);
    await closes(minsu, dialog, opener);
  }
  await minsu.getByRole('searchbox').focus();
  await minsu.keyboard.press('Control+k');
  await closes(minsu, minsu.getByRole('dialog', { name: '사람, 대화, 명령, 메시지 찾기' }), minsu.getByRole('searchbox'));

  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(minsu.locator('#composer')).toBeFocused();
  const more = minsu.locator('.more summary');
  // An invitation into a direct conversation makes a new group.
  for (const [name, title] of [['사람 초대', '함께 그룹 만들기'], ['날짜로 이동', '날짜로 이동']]) {
    await more.focus();
    await minsu.keyboard.press('Enter');
    await expect(minsu.locator('.more .menu button').first()).toBeFocused();
    await minsu.keyboard.press('End');
    await minsu.keyboard.press('ArrowDown');
    await expect(minsu.locator('.more .menu button').first()).toBeFocused();
    await minsu.locator('.more').getByRole('button', { name }).press('Enter');
    await expect(minsu.getByRole('dialog', { name: title }).getByRole('heading', { name: title })).toBeVisible();
    await closes(minsu, minsu.getByRole('dialog', { name: title }), more);
  }
  await choose(minsu, '알림 끄기');
  await expect(more).toBeFocused();
});

test('Escape closes the top layer only', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await say(minsu, '답할 글');
  await expect(bubble(minsu, '답할 글')).toHaveAttribute('data-state', 'sent');
  const [search, composer, picker] = [minsu.getByRole('searchbox'), minsu.locator('#composer'), minsu.locator('.emoji-picker')];
  await search.fill('ㅊㅈㅇ');
  await minsu.keyboard.press('Escape');
  await expect(search).toHaveValue('');
  await expect(composer).toBeVisible();

  await bubble(minsu, '답할 글').hover();
  await bubble(minsu, '답할 글').locator('[data-act=menu]').click();
  await minsu.locator('[data-do=reply]').click();
  await expect(composer).toHaveAccessibleDescription('김민수 (minsu)님에게 답장 답할 글');
  await minsu.locator('.emoji-open').click();
  await expect(picker).toBeVisible();
  await minsu.keyboard.press('Escape');
  await expect(picker).toHaveCount(0);
  await expect(minsu.locator('.mode')).toBeVisible();
  // Independent of the focus.
  await minsu.getByRole('log').focus();
  await minsu.keyboard.press('Escape');
  await expect(minsu.locator('.mode')).toBeHidden();
  await expect(composer).toHaveAccessibleDescription('');
  await expect(composer).toBeVisible();
  await pass(minsu, 1_000);
  await minsu.keyboard.press('Escape');
  await expect(composer).toHaveCount(0);
  await expect(minsu.locator(':focus')).toHaveCount(1);
  expect(new URL(minsu.url()).search).toBe('');
});

test('a menu or a panel closes when the keys leave it, and the focus stays where it went', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await say(minsu, '메뉴를 떠날 글');
  await expect(bubble(minsu, '메뉴를 떠날')).toHaveAttribute('data-state', 'sent');
  const [composer, log, keys] = [minsu.locator('#composer'), minsu.getByRole('log'), minsu.keyboard];
  const openers: [Locator, Locator][] = [
    [minsu.locator('.more summary'), minsu.locator('.more .menu')],
    [minsu.locator('.send-more'), minsu.locator('.send-menu')],
    [minsu.locator('.emoji-open'), minsu.locator('.emoji-picker')],
    [bubble(minsu, '메뉴를 떠날').locator('[data-act=menu]'), minsu.locator('.bubble-menu')],
  ];
  for (const [opener, layer] of openers) {
    await opener.focus();
    await keys.press('Enter');
    await expect(layer.locator(':focus')).toHaveCount(1);
    await keys.press('F6');
    await expect(layer).toHaveCount(0);
    await expect(minsu.locator(':focus')).toHaveCount(1);
    await expect(opener, 'the focus went on').not.toBeFocused();
    await opener.focus();
    await keys.press('Enter');
    await expect(layer.locator(':focus')).toHaveCount(1);
    await opener.focus();
    await expect(layer, 'its opener belongs to it').toHaveCount(1);
    await log.focus();
    await expect(layer).toHaveCount(0);
    await expect(log).toBeFocused();
  }
  // A question closes with its menu, not before.
  const menu = await menuOf(minsu, '메뉴를 떠날');
  await menu.locator('[data-ask]').press('Enter');
  await expect(menu.locator('.sure :focus')).toHaveCount(1);
  await menu.locator('[data-do=reply]').focus();
  await expect(menu.locator('.sure')).toHaveCount(1);
  await composer.focus();
  await expect(menu).toHaveCount(0);
  await expect(composer).toBeFocused();
});

test('on a phone "back" closes the layers over the room, then the room, and reopens none', async ({ person }) => {
  const minsu = await person('minsu', phone);
  const composer = minsu.locator('#composer');
  for (const name of ['박철수', '최지우']) {
    await minsu.locator('button.row', { hasText: name }).tap();
    await expect(composer).toBeVisible();
    await choose(minsu, '사람 초대');
    await expect(minsu.getByRole('dialog')).toBeVisible();
    await minsu.goBack();
    await expect(minsu.getByRole('dialog')).toHaveCount(0);
    await expect(composer).toBeVisible();
    if (name === '박철수') await minsu.goBack();
    else await minsu.getByRole('button', { name: '목록으로' }).tap();
    await expect(composer).toHaveCount(0);
    await expect(minsu.locator('.side')).toBeVisible();
  }
  // The entry of a closed layer is skipped, and no entry reopens a room.
  await minsu.locator('.new-group').tap();
  await minsu.getByRole('dialog').getByRole('button', { name: '취소' }).tap();
  await expect(minsu.getByRole('dialog')).toHaveCount(0);
  await minsu.goBack();
  await minsu.waitForURL((url) => url.pathname !== '/' || url.search === '');
  await expect(composer).toHaveCount(0);
});

test('on a phone "‹" leaves no entry for "back", whatever was opened in the room', async ({ server, person }) => {
  const minsu = await person('minsu', phone);
  await minsu.goto(`${server.url}/shortcuts`);
  await minsu.goto(`${server.url}/`);
  await hydrated(minsu);
  const composer = minsu.locator('#composer');
  for (const name of ['박철수', '최지우', '이영희']) {
    await minsu.locator('button.row', { hasText: name }).tap();
    await expect(composer).toBeVisible();
    if (name === '최지우') {
      await choose(minsu, '사람 초대');
      await minsu.getByRole('dialog').getByRole('button', { name: '취소' }).tap();
      await expect(minsu.getByRole('dialog')).toHaveCount(0);
    }
    await minsu.getByRole('button', { name: '목록으로' }).tap();
    await expect(composer).toHaveCount(0);
    await expect(minsu).toHaveURL(`${server.url}/`);
  }
  await minsu.goBack();
  await expect(minsu).toHaveURL(/shortcuts$/);
});

test('a room that is opened at once after "‹" keeps its address', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await expect(minsu.locator('#composer')).toBeVisible();
  await minsu.evaluate(() => {
    document.querySelector<HTMLElement>('.chat .back')!.click();
    document.querySelector<HTMLElement>('#panel-rooms a.row')!.click();
  });
  await expect(minsu.locator('#composer')).toBeVisible();
  await minsu.waitForTimeout(500);
  const shown = await minsu.locator('.chat h1').textContent();
  await minsu.reload();
  await expect(minsu.locator('.chat h1')).toHaveText(shown!);
});

test('Enter chooses the person found for a group, and the dialog says when it finds nobody', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await minsu.locator('.new-group').click();
  const dialog = minsu.getByRole('dialog', { name: '그룹 만들기' });
  const search = dialog.getByRole('searchbox');
  await search.fill('없는사람');
  await expect(dialog.getByRole('status')).toContainText('맞는 사람이 없습니다.');
  for (const [query, name] of [['ㅂㅊㅅ', '박철수'], ['이영희', '이영희']]) {
    await search.fill(query);
    await expect(dialog.getByRole('status')).toHaveText('1개 찾음');
    await search.press('Enter');
    await expect(search).toHaveValue('');
    await expect(dialog.getByRole('checkbox', { name: new RegExp(name) })).toBeChecked();
  }
  await search.press('Enter');
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('button', { name: '만들기 2' })).toBeVisible();
  await search.fill('없는사람');
  await search.press('Enter');
  await expect(search, 'nothing was chosen').toHaveValue('없는사람');
  await search.press('Escape');
  await expect(search).toHaveValue('');
  await expect(dialog.getByRole('button', { name: '만들기 2' }), 'the choice stays').toBeVisible();
  await search.press('ArrowDown');
  await expect(dialog.locator('.fold').first()).toBeFocused();
  await dialog.getByRole('button', { name: '만들기 2' }).click();
  await expect(minsu.locator('.stage .log').getByText('김민수 (minsu)님이 그룹을 만들었습니다.')).toBeVisible();
});

test('a list is one tab stop, and arrows, Home and End move in it', async ({ person }) => {
  const minsu = await person('minsu', wide);
  const rows = minsu.locator('#panel-people .row');
  await minsu.locator('.new-group').focus();
  await minsu.keyboard.press('Tab');
  await minsu.keyboard.press('End');
  await expect(rows.last()).toBeFocused();
  await minsu.keyboard.press('Tab');
  await minsu.keyboard.press('Tab');
  await expect(minsu.locator('#panel-people :focus')).toHaveCount(0);
  await minsu.keyboard.press('Shift+Tab');
  await minsu.keyboard.press('Shift+Tab');
  await expect(rows.last()).toBeFocused();
  await minsu.keyboard.press('Home');
  await expect(minsu.locator('#panel-people :is(.fold, .row)').first()).toBeFocused();
});

for (const view of [{ width: 320, height: 200 }, { width: 640, height: 360 }]) {
  test(`at ${view.width} × ${view.height} every dialog, menu and panel is reachable`, async ({ person }) => {
    const minsu = await person('minsu', { viewport: view });
    await decide(minsu, 'place=here');
    const reached = async (button: Locator) => {
      await button.focus();
      await expect.poll(() => button.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return element.contains(there);
      }), await button.textContent() ?? '').toBe(true);
    };
    await minsu.locator('.row.me').focus();
    await minsu.keyboard.press('Enter');
    await reached(minsu.locator('.panel-over button').last());
    await minsu.keyboard.press('Escape');
    await minsu.locator('.new-group').click();
    await reached(minsu.locator('.picker li input').last());
    await reached(minsu.locator('.ask-end button').last());
    // By keys every row is above the buttons, which stay in place.
    await minsu.locator('#picker-search').focus();
    const [stops, buttons] = [await minsu.locator('.picker li :is(.fold, input)').count(), minsu.locator('.ask-end')];
    for (let stop = 0; stop < stops; stop++) {
      await minsu.keyboard.press('ArrowDown');
      const [row, end] = [(await minsu.locator('.picker li:focus-within').boundingBox())!, (await buttons.boundingBox())!];
      expect(row.y + row.height, `row ${stop}`).toBeLessThanOrEqual(end.y + 1);
    }
    await minsu.keyboard.press('Escape');
    await minsu.locator('button.row', { hasText: '박철수' }).click();
    await say(minsu, '낮은 창에서 쓴 글');
    await expect(bubble(minsu, '낮은 창')).toHaveAttribute('data-state', 'sent');
    await bubble(minsu, '낮은 창').locator('[data-act=menu]').focus();
    await minsu.keyboard.press('Enter');
    for (const button of await minsu.locator('.bubble-menu button').all()) await reached(button);
    await minsu.locator('[data-do=reply]').press('Enter');
    await reached(minsu.locator('.mode button'));
    await minsu.locator('.emoji-open').click();
    await reached(minsu.locator('.emoji-picker button').last());
    await reached(minsu.locator('.emoji-picker button').first());
    await minsu.keyboard.press('Escape');
    await minsu.locator('.send-more').click();
    for (const button of await minsu.locator('.send-menu button').all()) await reached(button);
    await minsu.locator('.send-menu [data-do=schedule]').press('Enter');
    for (const button of await minsu.locator('.schedule-menu button').all()) await reached(button);
    await minsu.keyboard.press('Escape');
    await chooseFiles(minsu, [await picture(minsu, '사진.png', 320, 240)]);
    await reached(minsu.locator('.tray .plain'));
    const choice = minsu.locator('.tray .check');
    await reached(choice.locator('input'));
    await expect(choice, 'the whole choice').toBeInViewport({ ratio: 1 });
    const [label, tray] = [(await choice.boundingBox())!, (await minsu.locator('.tray').boundingBox())!];
    expect(label.y + label.height).toBeLessThanOrEqual(tray.y + tray.height + 1);
    await minsu.locator('.tray .plain').click();
    await minsu.keyboard.press('Control+f');
    await minsu.keyboard.type('낮은');
    await reached(minsu.locator('.find .hit'));
    await reached(minsu.locator('.find-bar button').last());
    expect((await minsu.getByRole('log').boundingBox())!.height).toBeGreaterThan(20);
    await minsu.keyboard.press('Escape');
    await minsu.locator('#composer').fill('여러\n줄\n을\n쓴\n다\n아\n주\n길\n게');
    await reached(minsu.locator('.send'));
    await minsu.locator('.more summary').click();
    await reached(minsu.locator('.more .menu button').last());
    await hydrated(minsu);
  });
}

test('in a very low window the text and the field take precedence over the bars around them', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '모두가 볼 글');
  await expect(bubble(minsu, '모두가')).toHaveAttribute('data-state', 'sent');
  await (await menuOf(minsu, '모두가')).getByRole('button', { name: '공지로 등록' }).click();
  const [composer, announcement, mark, log] = [minsu.locator('#composer'), minsu.locator('.announcement'), minsu.locator('.scheduled-mark'), minsu.getByRole('log')];
  await expect(announcement).toBeVisible();
  await composer.fill('한 시간 뒤에 보낼 글');
  await minsu.locator('.send-more').click();
  await minsu.locator('.send-menu [data-do=schedule]').click();
  await minsu.locator('.schedule-menu button').first().click();
  await expect(mark).toBeVisible();
  await (await menuOf(minsu, '모두가')).getByRole('button', { name: '답장' }).click();

  await minsu.setViewportSize({ width: 320, height: 200 });
  await composer.focus();
  for (const bar of [announcement, mark]) await expect(bar).toBeHidden();
  const [text, mode] = [(await log.boundingBox())!, (await minsu.locator('.mode').boundingBox())!];
  expect(text.height).toBeGreaterThan(20);
  expect(text.y + text.height, 'above the reply').toBeLessThanOrEqual(mode.y + 1);
  await log.focus();
  await expect(mark).toBeVisible();
  const box = (await log.boundingBox())!;
  expect(box.y + box.height, 'above the mark').toBeLessThanOrEqual((await mark.boundingBox())!.y + 1);
});

test('the longest names and titles leave room for the parts after them', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('minsu', 'Ш'.repeat(40));
  server.addPerson('younghee', '뷁'.repeat(40));
  const [minsu, younghee] = [await (await browserOf({ viewport: { width: 320, height: 568 } })).newPage(), await (await browserOf()).newPage()];
  await signIn(minsu, server, 'minsu', PASSWORD);
  await signIn(younghee, server, 'younghee', PASSWORD);
  await hydrated(minsu);
  await hydrated(younghee);
  await younghee.locator('.new-group').click();
  await younghee.locator('.picker li input').check();
  await younghee.locator('#picker-title').fill('M'.repeat(60));
  await younghee.locator('.picker').getByRole('button', { name: '만들기' }).click();
  await say(younghee, '긴 이름들의 모임');
  const toast = minsu.locator('.toast', { hasText: '모임' });
  await expect(toast).toBeVisible();
  for (const button of await toast.getByRole('button').all()) await expect(button).toBeInViewport({ ratio: 1 });
  await toast.getByRole('button', { name: '닫기' }).click();
  await minsu.locator('#tab-rooms').click();
  await expect(minsu.locator('#panel-rooms .mark', { hasText: '2명' })).toBeInViewport({ ratio: 1 });
  expect(await minsu.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

test('Escapes in a burst close layers, never the conversation below them', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  const composer = minsu.locator('#composer');
  await expect(composer).toBeFocused();
  const burst = () => Promise.all([1, 2, 3].map(() => minsu.keyboard.press('Escape')));
  const openers = [
    () => minsu.locator('.new-group').click(),
    () => minsu.locator('.row.me').first().click(),
    () => minsu.keyboard.press('Control+k'),
    () => choose(minsu, '참여자'),
    () => minsu.locator('.more summary').click(),
    () => minsu.locator('.emoji-open').click(),
    () => minsu.keyboard.press('Control+f'),
  ];
  for (const open of openers) {
    await open();
    await expect(minsu.locator('dialog[open], .menu, .emoji-picker, .find')).toHaveCount(1);
    await burst();
    await expect(minsu.locator('dialog[open], .menu, .emoji-picker, .find')).toHaveCount(0);
    await expect(composer).toBeVisible();
    await pass(minsu, 2_000);
  }
  // However the layer was closed.
  await minsu.locator('.new-group').click();
  await minsu.getByRole('dialog').getByRole('button', { name: '취소' }).click();
  await minsu.keyboard.press('Escape');
  await expect(composer).toBeVisible();
  await pass(minsu, 2_000);
  // A held key.
  await minsu.locator('.emoji-open').click();
  await minsu.keyboard.down('Escape');
  await expect(minsu.locator('.emoji-picker')).toHaveCount(0);
  await pass(minsu, 2_000);
  await minsu.keyboard.down('Escape');
  await minsu.keyboard.up('Escape');
  await expect(composer).toBeVisible();
  await pass(minsu, 2_000);
  await minsu.keyboard.press('Escape');
  await expect(composer).toHaveCount(0);
});

test('a question is a layer: Escape returns to what was asked for', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await group(minsu, ['이영희', '박철수'], '물어볼 모임');
  await say(minsu, '물어볼 글');
  await expect(bubble(minsu, '물어볼 글')).toHaveAttribute('data-state', 'sent');
  const question = minsu.locator('.sure');
  const asks = async (button: Locator, layer: Locator) => {
    await button.press('Enter');
    await expect(question.getByRole('button').first()).toBeFocused();
    await minsu.keyboard.press('Escape');
    await expect(question).toHaveCount(0);
    await expect(layer).toBeVisible();
    await expect(button).toBeFocused();
  };
  await (await menuOf(minsu, '물어볼 글')).getByRole('button', { name: '선택' }).click();
  const bar = minsu.locator('.selection-bar');
  await asks(bar.locator('[data-ask]'), bar);
  await bar.locator('[data-ask]').press('Enter');
  await question.getByRole('button', { name: '취소' }).press('Enter');
  await expect(question).toHaveCount(0);
  await expect(bar.locator('[data-ask]')).toBeFocused();
  await minsu.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await menuOf(minsu, '물어볼 글');
  await asks(minsu.locator('.bubble-menu [data-ask]'), minsu.locator('.bubble-menu'));
  await minsu.keyboard.press('Escape');
  await minsu.locator('.more summary').click();
  await asks(minsu.locator('.more [data-ask]'), minsu.locator('.more .menu'));
  await minsu.keyboard.press('Escape');
  await choose(minsu, '참여자');
  await asks(minsu.getByRole('button', { name: '내보내기 박철수' }), minsu.getByRole('dialog'));
});
