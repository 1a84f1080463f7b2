// Confirmation requests: asking and confirming by keyboard, by mouse and on a phone, and the live list of
// confirmations.
import type { Page } from '@playwright/test';
import { bubble, choose, decide, expect, group, menuOf, openGroup, pair, popup, say, test } from '../stage';
import { chooseFiles, document } from '../files';

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 740 }, screen: { width: 390, height: 740 }, hasTouch: true, isMobile: true };

/** Turns the request on by keyboard alone, from the field. */
async function ask(page: Page): Promise<void> {
  const field = page.locator('#composer');
  await field.focus();
  const more = page.getByRole('button', { name: '메시지 옵션' });
  while (!(await more.evaluate((more) => more === window.document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: '예약 발송' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  const item = page.getByRole('switch', { name: '확인 요청' });
  await expect(item).toBeFocused();
  await expect(item).toHaveAttribute('aria-checked', 'false');
  await page.keyboard.press('Enter');
  await expect(field).toBeFocused();
  await expect(page.locator('.request-bar')).toContainText('받는 사람에게 확인 버튼이 표시됩니다.');
  await expect(field).toHaveAccessibleDescription('확인 요청 받는 사람에게 확인 버튼이 표시됩니다.');
}

const count = (page: Page, text: string, shown: string) => bubble(page, text).getByRole('button', { name: `확인함 ${shown}`, exact: true });
const confirm = (page: Page, text: string) => bubble(page, text).getByRole('button', { name: '확인', exact: true });
const rows = (page: Page, list: string) => page.getByRole('dialog').getByRole('list', { name: list, exact: true }).getByRole('button');

test('a group is asked by keys, each confirms once, and the author sees who has, as it changes', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const [younghee, cheolsu] = [await person('younghee'), await person('cheolsu')];
  await group(minsu, ['이영희', '박철수'], '확인 모임');
  await ask(minsu);
  await say(minsu, '금요일까지 확인해 주세요');
  await expect(minsu.locator('.request-bar')).toHaveCount(0);
  await expect(bubble(minsu, '금요일까지').getByText('확인 요청')).toBeVisible();
  await say(minsu, '이 글은 아닙니다');
  await expect(bubble(minsu, '이 글은').getByText('확인 요청')).toHaveCount(0);
  await expect(confirm(minsu, '금요일까지')).toHaveCount(0);

  await count(minsu, '금요일까지', '0/2').click();
  await expect(minsu.getByRole('dialog', { name: '확인한 사람' })).toBeVisible();
  await expect(rows(minsu, '확인하지 않음')).toHaveText([/박철수/, /이영희/]);
  await expect(minsu.getByText('아직 아무도 확인하지 않았습니다.')).toBeVisible();

  // By keys: the row, its button, Enter. The focus stays in the row.
  const younghees = await openGroup(younghee, '확인 모임', '이 글은');
  const row = bubble(younghees, '금요일까지');
  await row.focus();
  const button = confirm(younghees, '금요일까지');
  while (!(await button.evaluate((button) => button === window.document.activeElement))) await younghees.keyboard.press('ArrowRight');
  await younghees.keyboard.press('Enter');
  await expect(row.getByText('확인함', { exact: true })).toBeVisible();
  await expect(button).toHaveCount(0);
  await expect(row).toBeFocused();
  await expect(younghees.getByRole('status').filter({ hasText: '확인했습니다.' })).toHaveCount(1);
  await expect(rows(minsu, '확인함')).toHaveText([/이영희/]);
  await expect(rows(minsu, '확인하지 않음')).toHaveText([/박철수/]);

  // By the menu of the message.
  const cheolsus = await openGroup(cheolsu, '확인 모임', '이 글은');
  await expect(bubble(cheolsus, '금요일까지')).not.toContainText('1/2');
  await (await menuOf(cheolsus, '금요일까지')).getByRole('button', { name: '확인', exact: true }).click();
  await expect(minsu.getByText('모두 확인했습니다.')).toBeVisible();
  await minsu.keyboard.press('Escape');
  await expect(minsu.getByRole('dialog')).toHaveCount(0);
  await expect(count(minsu, '금요일까지', '2/2')).toBeFocused();

  // A member who joins later need not confirm, an edit keeps the request, a recall ends it.
  await choose(younghees, '사람 초대');
  await younghees.getByRole('checkbox', { name: /최지우/ }).check();
  await younghees.getByLabel('이전 메시지도 보여 주기').check();
  await younghees.getByRole('button', { name: '초대하기' }).click();
  await expect(minsu.locator('.log').getByText('이영희님이 최지우님을 초대했습니다.')).toBeVisible();
  await expect(count(minsu, '금요일까지', '2/2')).toBeVisible();
  await (await menuOf(minsu, '금요일까지')).getByRole('button', { name: '수정' }).click();
  await say(minsu, '목요일까지 확인해 주세요');
  await expect(count(minsu, '목요일까지', '2/2')).toBeVisible();
  await expect(bubble(cheolsus, '목요일까지').getByText('확인함', { exact: true })).toBeVisible();
  await cheolsus.reload();
  await expect(bubble(cheolsus, '목요일까지').getByText('확인함', { exact: true })).toBeVisible();
  await (await menuOf(minsu, '목요일까지')).getByRole('button', { name: '확인한 사람' }).click();
  await expect(rows(minsu, '확인함')).toHaveCount(2);
  await minsu.keyboard.press('Escape');
  await (await menuOf(minsu, '목요일까지')).getByRole('button', { name: '회수' }).click();
  await minsu.locator('.sure').getByRole('button', { name: '회수' }).click();
  await expect(bubble(cheolsus, '회수')).toBeVisible();
  await expect(cheolsus.locator('.request, .confirmed')).toHaveCount(0);
});

test('Escape and the bar take a request back, and the row of a request with files stays when somebody confirms', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  await ask(minsus);
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('.request-bar')).toHaveCount(0);
  await ask(minsus);
  await minsus.locator('.request-bar').getByRole('button', { name: '취소' }).click();
  await expect(minsus.locator('.request-bar')).toHaveCount(0);
  await say(minsus, '그냥 글');
  await expect(bubble(cheolsus, '그냥 글')).toBeVisible();
  await expect(bubble(cheolsus, '그냥 글').getByText('확인 요청')).toHaveCount(0);

  await ask(minsus);
  await chooseFiles(minsus, [document('안내.txt', 20)]);
  await say(minsus, '첨부를 확인해 주세요');
  await expect(count(minsus, '첨부를', '0/1')).toBeVisible();
  const link = await bubble(minsus, '첨부를').locator('.file').first().elementHandle();
  await confirm(cheolsus, '첨부를').click();
  await expect(count(minsus, '첨부를', '1/1')).toBeVisible();
  expect(await link!.evaluate((link) => link.isConnected), 'the row of a file stays').toBe(true);
});

test.describe('a cut', () => {
  test.use({ expectedErrors: [/WebSocket connection|ERR_INTERNET_DISCONNECTED/] });

  test('what was confirmed while the author was cut off shows after the reconnect', async ({ person }) => {
    const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
    const [minsus, cheolsus] = await pair(minsu, cheolsu);
    await ask(minsus);
    await say(minsus, '끊긴 사이에 확인');
    await expect(confirm(cheolsus, '끊긴 사이에')).toBeVisible();
    await minsus.context().setOffline(true);
    await expect(minsus.getByText('연결이 끊겼습니다.')).toBeVisible();
    await confirm(cheolsus, '끊긴 사이에').click();
    await expect(bubble(cheolsus, '끊긴 사이에').getByText('확인함', { exact: true })).toBeVisible();
    await minsus.context().setOffline(false);
    await expect(count(minsus, '끊긴 사이에', '1/1')).toBeVisible();
  });

});

test('on a phone the switch and the button are as large as a finger, and notes have no switch', async ({ person }) => {
  const minsu = await person('minsu', phone);
  const cheolsu = await person('cheolsu');
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await expect(minsu.getByRole('textbox', { name: '메시지' })).toBeVisible();
  await minsu.getByRole('button', { name: '파일', exact: true }).tap();
  const item = minsu.getByRole('switch', { name: '확인 요청' });
  expect((await item.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  await item.tap();
  await minsu.getByRole('textbox', { name: '메시지' }).fill('휴대폰에서 요청');
  await minsu.getByRole('button', { name: '보내기', exact: true }).tap();
  const number = count(minsu, '휴대폰에서', '0/1');
  expect((await number.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  const toast = cheolsu.getByRole('status', { name: '알림' });
  const cheolsus = await popup(cheolsu, () => toast.getByRole('button', { name: '열기' }).first().click());
  await confirm(cheolsus, '휴대폰에서').click();
  await expect(count(minsu, '휴대폰에서', '1/1')).toBeVisible();
  await minsu.goBack();
  await minsu.locator('.row.me').first().tap();
  await minsu.getByRole('dialog').getByRole('button', { name: '나와의 대화' }).tap();
  await expect(minsu.getByRole('heading', { name: '나와의 대화' })).toBeVisible();
  await minsu.getByRole('button', { name: '파일', exact: true }).tap();
  await expect(minsu.getByRole('button', { name: '카메라' })).toBeVisible();
  await expect(item).toHaveCount(0);
});
