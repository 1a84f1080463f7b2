// A phone: long press, targets of 44 px, pins, names that are too long for the screen.
import type { Locator, Page } from '@playwright/test';
import { bubble, expect, say, settledBox, test } from '../stage';
import { chooseFiles, document as file, hold, picture } from '../files';

const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Links within a text are as high as its lines. The skip link is for keys. */
const ALLOWED = '.body a, p a, .skip';

/** Targets that are too small for a finger: lower or narrower than 44 px. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((allowed) => {
    const target = 'a[href], button, summary, select, textarea, input:not([type=hidden], [type=file]), label:has(> input), [role=option], [role=switch], [role=tab]';
    const isShown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('.unseen')
      && getComputedStyle(element).pointerEvents !== 'none';
    /** Whether a press half a target from the middle, in every direction, reaches the element, whose box may be smaller than its target. */
    const isHit = (element: Element) => {
      element.scrollIntoView({ block: 'center' });
      const { left, top, width, height } = element.getBoundingClientRect();
      // A target may extend to one side of the visible element.
      const reach = (dx: number, dy: number) => {
        for (let steps = 0; steps <= 44; steps++) {
          if (!element.contains(document.elementFromPoint(left + width / 2 + dx * steps, top + height / 2 + dy * steps))) return steps;
        }
        return 44;
      };
      return reach(1, 0) + reach(-1, 0) >= 44 && reach(0, 1) + reach(0, -1) >= 44;
    };
    // Elements below an open layer were checked before it opened.
    const layer = [...document.querySelectorAll('dialog[open], .menu, .emoji-picker, .mention-list')].at(-1) ?? document.body;
    const found = [...layer.querySelectorAll<HTMLElement>(target)].filter((element) => isShown(element) && !element.closest(allowed));
    return found
      // A field in a label, or in the search field's box, can be pressed by its label.
      .map((element) => [element, (element.closest('label') ?? element).getBoundingClientRect()] as const)
      .filter(([element, { width, height }]) => width > 0 && (width < 43.5 || height < 43.5) && !isHit(element))
      .map(([element, { width, height }]) => `${element.outerHTML.slice(0, 120)}: ${Math.round(width)} × ${Math.round(height)}`);
  }, ALLOWED);
}

test('a long press on a quote, or on any other part of a bubble, opens the menu of the message', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).tap();
  await bubble(minsu, '회의실 B로 옮겼어요').locator('[data-act=menu]').tap();
  await minsu.locator('[data-do=reply]').tap();
  await minsu.getByRole('textbox').fill('봤어요');
  await minsu.locator('.send').tap();
  const answer = bubble(minsu, '봤어요');
  await expect(answer).toHaveAttribute('data-state', 'sent');
  const devtools = await minsu.context().newCDPSession(minsu);
  const { x, y } = (await answer.locator('.quote').boundingBox())!;
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 20, y: y + 10 }] });
  await expect(minsu.locator('.bubble-menu')).toBeVisible();
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await minsu.locator('.bubble-menu [data-do=reply]').tap();
  await expect(minsu.locator('.mode')).toContainText('봤어요');
  await expect(minsu.locator('.shown'), 'no jump').toHaveCount(0);
  await answer.locator('.quote').tap();
  await expect(minsu.locator('.shown'), 'a tap jumps').toContainText('회의실 B로');
});

async function check(page: Page, state: string): Promise<void> {
  expect.soft(await smallTargets(page), state).toEqual([]);
}

/** The list: users, cards, a new group, conversations, hits. */
async function checkList(minsu: Page): Promise<void> {
  await minsu.locator('#tab-people').tap();
  await check(minsu, 'people');
  await minsu.locator('.row.me').tap();
  await check(minsu, 'own card');
  await minsu.keyboard.press('Escape');
  await minsu.locator('#panel-people .act').first().tap();
  await check(minsu, 'card');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.new-group').tap();
  await check(minsu, 'new group');
  await minsu.keyboard.press('Escape');
  await minsu.locator('#tab-rooms').tap();
  await check(minsu, 'conversations');
  await minsu.locator('.search input').fill('회의');
  await expect(minsu.locator('.hit').first()).toBeVisible();
  await check(minsu, 'search');
  await minsu.locator('.search input').fill('');
}

/** A conversation: its menus, emojis, days, names. */
async function checkRoom(minsu: Page): Promise<void> {
  await minsu.locator('a.row', { hasText: '이영희' }).tap();
  await expect(bubble(minsu, '회의실 B로')).toBeVisible();
  await check(minsu, 'conversation');
  await bubble(minsu, '회의실 B로').locator('[data-act=menu]').tap();
  await check(minsu, 'menu of a message');
  await minsu.locator('[data-do=pick]').tap();
  await check(minsu, 'other emojis');
  await minsu.keyboard.press('Escape');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.emoji-open').tap();
  await check(minsu, 'emojis');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.more summary').tap();
  await check(minsu, 'menu of the conversation');
  await minsu.locator('.more [data-do=date]').tap();
  await check(minsu, 'to a day');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.attach').tap();
  await check(minsu, 'menu of files');
  await minsu.keyboard.press('Escape');
  await minsu.locator('#composer').fill('첫째 줄\n@');
  await expect(minsu.locator('.mention-list')).toBeVisible();
  await check(minsu, 'names');
}

/** An own message with everything around it, pinned and quoted. */
async function checkMessage(minsu: Page): Promise<void> {
  await minsu.locator('#composer').fill('내일 볼 글 **굵게** https://example.org ```코드```');
  await minsu.locator('.send').tap();
  const own = bubble(minsu, '내일 볼 글');
  await expect(own.locator('.not-read')).toBeVisible();
  await check(minsu, 'who has not read');
  for (const action of ['pin', 'announce', 'bookmark', 'reply']) {
    await own.locator('[data-act=menu]').tap();
    await minsu.locator(`.bubble-menu [data-do=${action}]`).tap();
  }
  await expect(minsu.locator('.announcement')).toBeVisible();
  await check(minsu, 'announcement and reply');
}

/** Files in the tray, in the log and in the viewer. */
async function checkFiles(minsu: Page): Promise<void> {
  await minsu.locator('.mode .plain').tap();
  await chooseFiles(minsu, [await picture(minsu, '사진.png', 320, 240), file('글.txt', 12)]);
  await expect(minsu.locator('.tray-file')).toHaveCount(2);
  await check(minsu, 'tray');
  await minsu.locator('#composer').fill('파일과 함께');
  await minsu.locator('.send').tap();
  await expect(minsu.locator('.picture')).toBeVisible();
  await check(minsu, 'files in the log');
  await minsu.locator('.picture').tap();
  await expect(minsu.locator('.viewer')).toBeVisible();
  await check(minsu, 'viewer');
  await minsu.keyboard.press('Escape');
}

/** The dialogs of the conversation's menu, and its search. */
async function checkPanels(minsu: Page): Promise<void> {
  for (const action of ['pins', 'members', 'files', 'invite', 'find']) {
    await minsu.locator('.more summary').tap();
    await minsu.locator(`.more [data-do=${action}]`).tap();
    await expect(minsu.locator(action === 'find' ? '.find' : 'dialog[open]')).toBeVisible();
    await check(minsu, action);
    if (action !== 'find') await minsu.keyboard.press('Escape');
  }
  await minsu.locator('#find').fill('회의실');
  await expect(minsu.locator('.find .hit').first()).toBeVisible();
  await check(minsu, 'hits of the conversation');
  await minsu.keyboard.press('Escape');
}

/** Selected messages, from the menu of `own` to forwarding them. */
async function checkSelection(minsu: Page, own: Locator): Promise<void> {
  await own.locator('[data-act=menu]').tap();
  await minsu.locator('.bubble-menu [data-do=select]').tap();
  await expect(minsu.locator('.pick').first()).toBeVisible();
  await check(minsu, 'selection');
  await minsu.locator('.selection-bar [data-ask]').tap();
  await check(minsu, 'question of the selection');
  await minsu.locator('.sure [data-do=cancel]').tap();
  await minsu.locator('.selection-bar [data-do=forward]').tap();
  await expect(minsu.locator('.forward li').first()).toBeVisible();
  await check(minsu, 'forward');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.selection-bar [data-do=end]').tap();
}

/** Scheduled messages and requests for confirmation. */
async function checkLater(minsu: Page): Promise<void> {
  await minsu.locator('#composer').fill('나중에 갈 글');
  for (const [way, wait] of [['schedule', '.schedule-menu'], ['ask', '.request-bar']]) {
    await minsu.locator('.attach').tap();
    await minsu.locator(`.attach-menu [data-do=${way}]`).tap();
    await expect(minsu.locator(wait)).toBeVisible();
    await check(minsu, way);
    if (way === 'schedule') {
      await minsu.locator('.schedule-menu [data-do]').first().tap();
      await expect(minsu.locator('.scheduled-mark')).toBeVisible();
      await minsu.locator('.scheduled-mark').tap();
      await expect(minsu.locator('.scheduled-item')).toBeVisible();
      await check(minsu, 'scheduled messages');
      await minsu.keyboard.press('Escape');
    }
  }
}

test('every target of a phone is 44 px high and wide', async ({ server, person, browserOf }) => {
  test.setTimeout(240_000);
  const visitor = await (await browserOf(phone)).newPage();
  for (const path of ['/sign_in', '/register', '/entry', '/offline']) {
    await visitor.goto(server.url + path);
    await check(visitor, path);
  }
  const minsu = await person('minsu', phone);
  await checkList(minsu);
  await checkRoom(minsu);
  await checkMessage(minsu);
  await checkFiles(minsu);
  await checkPanels(minsu);
  await checkSelection(minsu, bubble(minsu, '내일 볼 글'));
  await checkLater(minsu);
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await minsu.locator('#tab-rooms').tap();
  for (const collection of [0, 1]) {
    await minsu.locator('.collect button').nth(collection).tap();
    await expect(minsu.locator('dialog[open]')).toBeVisible();
    await check(minsu, 'collection');
    await minsu.keyboard.press('Escape');
  }
  await minsu.locator('.side > .bar a').tap();
  await expect(minsu.locator('.settings .sheet-part').first()).toBeVisible();
  await check(minsu, 'settings over the list');
  await minsu.goto(`${server.url}/settings`);
  await check(minsu, 'settings');
});

test('on a phone the button of a row of the list opens its menu, and a pinned row says so', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('#tab-rooms').tap();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '이영희' });
  const menu = minsu.getByRole('group', { name: '대화 메뉴' });
  await expect(row).toBeVisible();
  await row.locator('.act').tap();
  expect(await smallTargets(minsu)).toEqual([]);
  await menu.getByRole('button', { name: '위에 고정' }).tap();
  await expect(minsu.locator('#panel-rooms .row-item').first()).toContainText('이영희');
  await expect(row.getByText('위에 고정됨')).toHaveCount(1);
  await row.locator('a').tap();
  await minsu.locator('.more summary').tap();
  await expect(minsu.locator('.more').getByRole('button', { name: '고정 해제' })).toBeVisible();
  await minsu.keyboard.press('Escape');
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await row.locator('.act').tap();
  await menu.getByRole('button', { name: '고정 해제' }).tap();
  await expect(row.getByText('위에 고정됨')).toHaveCount(0);
});

test('the sign-in page of a demonstration has room for the longest name', async ({ server, person, browserOf }) => {
  const minsu = await person('minsu');
  await minsu.goto(`${server.url}/settings`);
  await minsu.locator('#name').fill('Ш'.repeat(40));
  await minsu.locator('form[action="/api/name"] button').click();
  await expect(minsu.locator('.saved')).toBeVisible();
  for (const width of [320, 360, 1280]) {
    const visitor = await (await browserOf({ viewport: { width, height: 740 } })).newPage();
    await visitor.goto(`${server.url}/sign_in`);
    await expect(visitor.locator('.demo')).toContainText('Ш'.repeat(40));
    expect(await visitor.evaluate(() => document.documentElement.scrollWidth), `${width}`).toBe(width);
    const [inside, around] = [await visitor.locator('.demo button', { hasText: 'ШШШ' }).boundingBox(), await visitor.locator('.demo').boundingBox()];
    expect(inside!.x + inside!.width).toBeLessThanOrEqual(around!.x + around!.width);
  }
});

test('on a phone the composer keeps its size, whatever is beside and above it', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).first().tap();
  const [field, composer] = [minsu.locator('#composer'), minsu.locator('.composer')];
  await expect(field).toBeVisible();
  await expect(bubble(minsu, '회의실 B로')).toBeVisible();
  const sizes = async () => {
    const [form, { x, width, height }] = [await settledBox(composer), await settledBox(field)];
    return { bottom: form.y + form.height, form: form.height, x, width, height };
  };
  const empty = await sizes();
  const stays = async (state: string) => expect.soft(await sizes(), state).toEqual(empty);
  await field.tap();
  await expect(field).toBeFocused();
  await stays('with the focus');
  await field.pressSequentially('가');
  await stays('with a letter');
  await field.fill('');
  await stays('emptied');
  await field.fill('고칠 글');
  await minsu.locator('.send').tap();
  await expect(bubble(minsu, '고칠 글')).toHaveAttribute('data-state', 'sent');
  await stays('after a message');
  for (const action of ['reply', 'edit']) {
    await bubble(minsu, '고칠 글').last().locator('[data-act=menu]').tap();
    await minsu.locator(`.bubble-menu [data-do=${action}]`).tap();
    await expect(minsu.locator('.mode').first()).toBeVisible();
    await stays(action);
    await minsu.locator('.mode .plain').first().tap();
    await expect(minsu.locator('.mode').first()).toBeHidden();
    await stays(`${action} taken back`);
  }
  await minsu.locator('.emoji-open').tap();
  await expect(minsu.locator('.emoji-picker')).toBeVisible();
  await stays('emojis');
  await minsu.keyboard.press('Escape');
  await minsu.locator('.attach').tap();
  await minsu.locator('.attach-menu [data-do=ask]').tap();
  await expect(minsu.locator('.request-bar')).toBeVisible();
  await stays('a request');
  await minsu.context().setOffline(true);
  await expect(minsu.locator('.chat .lost').first()).toBeVisible();
  await stays('without a connection');
  await minsu.context().setOffline(false);
});

test('a message that waits for its picture is marked in the list, and the file can be chosen again after a reload', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).tap();
  await expect(minsu.locator('#composer')).toBeVisible();
  await hold(minsu);
  await chooseFiles(minsu, [await picture(minsu, '현장.png', 64, 48)]);
  await expect(minsu.locator('.tray-file')).toBeVisible();
  await say(minsu, '현장 사진입니다');
  await minsu.goBack();
  await minsu.locator('#tab-rooms').tap();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '이영희' });
  await expect(row.locator('.row-line')).toContainText('파일을 다 올리면 보냅니다');
  await minsu.reload();
  await minsu.locator('#panel-rooms a.row', { hasText: '이영희' }).first().tap();
  const chooser = minsu.waitForEvent('filechooser');
  await minsu.locator('.tray').getByRole('button', { name: '파일 선택' }).tap();
  await chooser;
});
