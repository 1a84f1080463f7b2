// Scheduled messages: the menu of times, the list with its actions, and their state in every window.
import { type Page } from '@playwright/test';
import { bubble, expect, hydrated, pair, test } from '../stage';

const options = (page: Page) => page.getByRole('button', { name: '메시지 옵션' });
const menu = (page: Page) => page.getByRole('group', { name: '예약 발송' });
const mark = (page: Page) => page.locator('.scheduled-mark');
const list = (page: Page) => page.getByRole('dialog', { name: '예약한 메시지' });

/** Opens the menu of times. */
async function openMenu(page: Page): Promise<void> {
  await options(page).click();
  await page.getByRole('group', { name: '메시지 옵션' }).getByRole('button', { name: '예약 발송' }).click();
  await expect(menu(page)).toBeVisible();
}

/** Schedules a text for the first offered time, in an hour. */
async function schedule(page: Page, text: string): Promise<void> {
  await page.locator('#composer').fill(text);
  await openMenu(page);
  await menu(page).getByRole('button', { name: /^1시간 뒤/ }).click();
}

/** Schedules a text this many seconds ahead, so that the test need not wait for the next minute. */
async function scheduleSoon(page: Page, text: string, seconds: number): Promise<void> {
  await page.locator('#composer').fill(text);
  await openMenu(page);
  await menu(page).getByRole('button', { name: '날짜와 시각 정하기' }).click();
  await page.locator('#schedule-time').evaluate((field: HTMLInputElement, seconds) => {
    const soon = new Date(Date.now() + seconds * 1e3);
    const local = new Date(soon.getTime() - soon.getTimezoneOffset() * 60e3);
    field.removeAttribute('min');
    field.step = '1';
    field.value = local.toISOString().slice(0, 19);
  }, seconds);
  await page.keyboard.press('Enter');
}

test('a message is scheduled by keys alone, edited, and sent now', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  await minsus.locator('#composer').focus();
  await minsus.keyboard.type('내일 자료 보내 드리겠습니다');
  await minsus.keyboard.press('Tab');
  await expect(options(minsus)).toBeFocused();
  await minsus.keyboard.press('Enter');
  await expect(minsus.getByRole('button', { name: '예약 발송' })).toBeFocused();
  await minsus.keyboard.press('Enter');
  await expect(menu(minsus).getByRole('button').first()).toBeFocused();
  await expect(menu(minsus).getByRole('button')).toContainText(['1시간 뒤', '내일 오전 9시']);
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('#composer')).toBeFocused();
  await expect(menu(minsus)).toHaveCount(0);
  await openMenu(minsus);
  await expect(menu(minsus).getByRole('button').first()).toBeFocused();
  await minsus.keyboard.press('ArrowDown');
  await expect(menu(minsus).getByRole('button', { name: /^내일 오전 9시 .*09:00/ })).toBeFocused();
  await minsus.keyboard.press('Enter');
  await expect(mark(minsus)).toHaveText('예약한 메시지 1개');
  await expect(minsus.locator('#composer')).toHaveValue('');
  await expect(minsus.locator('#composer')).toBeFocused();
  await expect(bubble(cheolsus, '내일 자료')).toHaveCount(0);

  await minsus.reload();
  await hydrated(minsus);
  await mark(minsus).focus();
  await minsus.keyboard.press('Enter');
  await expect(list(minsus).getByText('내일 자료 보내 드리겠습니다')).toBeVisible();
  await expect(list(minsus).getByText('09:00')).toBeVisible();
  await list(minsus).getByRole('button', { name: '수정' }).focus();
  await minsus.keyboard.press('Enter');
  await expect(minsus.locator('#schedule-text')).toBeFocused();
  // The form is a layer over the list.
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('#schedule-text')).toHaveCount(0);
  await list(minsus).getByRole('button', { name: '수정' }).click();
  await expect(minsus.getByRole('heading', { name: '예약한 메시지 수정' })).toBeVisible();
  await expect(minsus.getByRole('dialog', { name: '예약한 메시지 수정' }), 'named as its title').toBeVisible();
  await minsus.locator('#schedule-text').fill('지금 자료 보내 드립니다');
  await minsus.keyboard.press('Tab');
  await minsus.locator('#schedule-time').fill('2020-01-01T09:00');
  await minsus.locator('#schedule-time').evaluate((field: HTMLInputElement) => field.removeAttribute('min'));
  await minsus.keyboard.press('Enter');
  await expect(minsus.getByText('지금부터 1년 안의 시각을 골라 주세요.')).toBeVisible();
  const later = await minsus.evaluate(() => {
    const then = new Date(Date.now() + 48 * 3600e3);
    return new Date(then.getTime() - then.getTimezoneOffset() * 60e3).toISOString().slice(0, 16);
  });
  await minsus.locator('#schedule-time').fill(later);
  await minsus.locator('#schedule-time').press('Enter');
  await expect(list(minsus).getByText('지금 자료 보내 드립니다')).toBeVisible();
  await list(minsus).getByRole('button', { name: '지금 보내기' }).focus();
  await minsus.keyboard.press('Enter');
  await expect(list(minsus).getByText('예약한 메시지가 없습니다.')).toBeVisible();
  await minsus.keyboard.press('Escape');
  await expect(bubble(cheolsus, '지금 자료 보내 드립니다')).toBeVisible();
  await expect(mark(minsus)).toHaveCount(0);
});

test('every window of the person shows the list, live; nobody else does', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  const other = await minsus.context().newPage();
  await other.goto(minsus.url());
  await hydrated(other);
  await schedule(minsus, '첫 번째 글');
  await expect(mark(other)).toHaveText('예약한 메시지 1개');
  await schedule(other, '두 번째 글');
  await expect(mark(minsus)).toHaveText('예약한 메시지 2개');
  await expect(mark(cheolsus)).toHaveCount(0);
  await mark(minsus).click();
  await mark(other).click();
  await list(other).getByRole('button', { name: '지우기' }).first().click();
  // The text would be lost: Back and Escape close the question alone.
  const question = list(other).getByRole('group', { name: '이 메시지를 지울까요?' });
  await expect(question.getByRole('button', { name: '취소' })).toBeFocused();
  await other.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(list(other).getByRole('button', { name: /지우기/ }).first()).toBeFocused();
  await other.keyboard.press('Enter');
  await question.getByRole('button', { name: '지우기' }).click();
  await expect(list(minsus).locator('.scheduled-item')).toHaveCount(1);
  await expect(list(other).locator('.scheduled-item')).toHaveCount(1);
});

test('nothing is scheduled without a text, or with files; the text stays when the server refuses', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await openMenu(minsus);
  await expect(menu(minsus).getByText('예약할 글을 먼저 입력해 주세요.')).toBeVisible();
  await expect(menu(minsus).getByRole('button')).toHaveText(['예약한 메시지']);
  await menu(minsus).getByRole('button').click();
  await expect(list(minsus).getByText('예약한 메시지가 없습니다.')).toBeVisible();
  await minsus.keyboard.press('Escape');
  await minsus.locator('#files').setInputFiles({ name: '메모.txt', mimeType: 'text/plain', buffer: Buffer.from('글') });
  await minsus.locator('#composer').fill('파일과 함께');
  await openMenu(minsus);
  await expect(menu(minsus).getByText('파일은 예약해 보낼 수 없습니다.')).toBeVisible();
  await minsus.keyboard.press('Escape');
  await minsus.getByRole('button', { name: '메모.txt 취소' }).click();
  await openMenu(minsus);
  await menu(minsus).getByRole('button', { name: '날짜와 시각 정하기' }).click();
  const far = new Date(Date.now() + 500 * 86400e3).toISOString().slice(0, 16);
  await minsus.locator('#schedule-time').fill(far);
  await minsus.keyboard.press('Enter');
  await expect(minsus.getByRole('alert').getByText('지금부터 1년 안의 시각을 골라 주세요.')).toBeVisible();
  await expect(minsus.locator('#composer')).toHaveValue('파일과 함께');
});

test('who has left the conversation learns in the list why nothing was sent', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  await minsu.getByRole('button', { name: '그룹 만들기' }).click();
  const picker = minsu.getByRole('dialog', { name: '그룹 만들기' });
  await picker.getByRole('checkbox', { name: /박철수/ }).check();
  await picker.getByRole('button', { name: '만들기' }).click();
  await expect(minsu.locator('.stage #composer')).toBeVisible();
  // Far enough ahead to leave before it.
  await scheduleSoon(minsu, '나간 뒤에 갈 글', 60);
  await expect(mark(minsu)).toHaveText('예약한 메시지 1개');
  await minsu.locator('.more summary').click();
  await minsu.getByRole('button', { name: '그룹에서 나가기' }).click();
  await minsu.getByRole('group', { name: /이 그룹에서 나갈까요/ }).getByRole('button', { name: '그룹에서 나가기' }).click();
  // At once, not at its time.
  const unsent = minsu.getByRole('button', { name: '보내지 못한 예약 메시지 1개' });
  await expect(unsent).toBeVisible({ timeout: 5_000 });
  await unsent.click();
  const dialog = minsu.getByRole('dialog', { name: '보내지 못한 예약 메시지' });
  await expect(dialog.getByText('이 대화에 더 이상 참여하고 있지 않아 보내지 못했습니다.')).toBeVisible();
  await expect(dialog.getByText(/^나간 대화 · /)).toBeVisible();
  await expect(dialog.getByText('나간 뒤에 갈 글')).toBeVisible();
  await dialog.getByRole('button', { name: '지우기' }).click();
  await dialog.getByRole('group', { name: '이 메시지를 지울까요?' }).getByRole('button', { name: '지우기' }).click();
  await expect(dialog.locator('.scheduled-item')).toHaveCount(0);
  await minsu.keyboard.press('Escape');
  await expect(unsent).toHaveCount(0);
});

test('a scheduled message asks for confirmation when it goes, and the next message does not', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  const confirm = (text: string) => bubble(cheolsus, text).getByRole('button', { name: '확인', exact: true });
  await options(minsus).click();
  await minsus.getByRole('switch', { name: '확인 요청' }).click();
  await expect(minsus.locator('.request-bar')).toBeVisible();
  await schedule(minsus, '내일까지 확인해 주세요');
  await expect(mark(minsus)).toHaveText('예약한 메시지 1개');
  await expect(minsus.locator('.request-bar')).toHaveCount(0);
  await mark(minsus).click();
  await expect(list(minsus).getByText('확인 요청')).toBeVisible();
  await list(minsus).getByRole('button', { name: '지금 보내기' }).click();
  await minsus.keyboard.press('Escape');
  await expect(confirm('내일까지')).toBeVisible();
  await minsus.locator('#composer').fill('그냥 글');
  await minsus.locator('#composer').press('Enter');
  await expect(bubble(cheolsus, '그냥 글')).toBeVisible();
  await expect(confirm('그냥 글')).toHaveCount(0);
});

test.describe('a cut', () => {
  test.use({ expectedErrors: [/WebSocket/] });

  test('a text whose acknowledgement was lost goes once, whatever the person presses meanwhile', async ({ person }) => {
    const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
    let [until, asked] = [0, 0];
    await minsu.context().routeWebSocket(/\/chat\//, (route) => {
      if (Date.now() < until) return void route.close({ code: 3001 });
      const server = route.connectToServer();
      route.onMessage((frame) => {
        asked += String(frame).includes('"type":"schedule"') ? 1 : 0;
        server.send(frame);
      });
      server.onMessage((frame) => {
        if (until > 0 || !String(frame).includes('"type":"scheduled"')) return route.send(frame);
        // Until the message is sent.
        until = Date.now() + 7e3;
        void server.close();
        void route.close({ code: 3001 });
      });
    });
    const [minsus, cheolsus] = await pair(minsu, cheolsu);
    await scheduleSoon(minsus, '한 번만 갈 글', 5);
    await expect(minsus.locator('.composer')).toHaveAttribute('aria-busy', 'true');
    await minsus.locator('#composer').press('Enter');
    await expect(minsus.locator('#composer')).toHaveValue('한 번만 갈 글');
    await expect(minsus.locator('#composer')).toHaveValue('', { timeout: 30_000 });
    expect(asked).toBe(1);
    await minsus.locator('#composer').fill('끝');
    await minsus.locator('#composer').press('Enter');
    for (const page of [minsus, cheolsus]) {
      await expect(bubble(page, '끝')).toBeVisible();
      await expect(bubble(page, '한 번만 갈 글')).toHaveCount(1);
    }
  });
});

test('the new text of a scheduled message stays in its form when the time comes first', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await scheduleSoon(minsus, '처음 글', 8);
  await mark(minsus).click();
  await list(minsus).getByRole('button', { name: '수정' }).click();
  await minsus.locator('#schedule-text').fill('오래 고친 글');
  await expect(minsus.getByRole('alert').getByText('이미 보냈거나 지운 메시지입니다.')).toBeVisible({ timeout: 30_000 });
  await expect(minsus.locator('#schedule-text')).toHaveValue('오래 고친 글');
  await minsus.keyboard.press('Escape');
  await expect(bubble(minsus, '처음 글')).toBeVisible();
});

test('times outside of working hours and in an absence say so', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus] = await pair(minsu, cheolsu);
  // A Tuesday evening.
  await minsus.clock.setFixedTime(new Date('2031-12-02T20:00:00+09:00'));
  await openMenu(minsus);
  await expect(menu(minsus).getByText('업무 시간 외')).toHaveCount(0);
  await minsus.keyboard.press('Escape');
  await minsus.locator('#composer').fill('늦은 글');
  await openMenu(minsus);
  await expect(menu(minsus).getByRole('button', { name: /^1시간 뒤/ })).toContainText('업무 시간 외');
  await expect(menu(minsus).getByRole('button', { name: /^내일 오전 9시/ })).not.toContainText('업무 시간 외');
  await menu(minsus).getByRole('button', { name: '날짜와 시각 정하기' }).click();
  const hint = minsus.getByRole('status').getByText('업무 시간 외');
  await expect(hint).toBeVisible();
  await minsus.locator('#schedule-time').fill('2031-12-03T17:59');
  await expect(hint).toHaveCount(0);
  await minsus.locator('#schedule-time').fill('2031-12-06T12:00');
  await expect(hint).toBeVisible();
});
