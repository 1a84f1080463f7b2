// Which messages count as seen, and the states of a message before it is sent.
import { bubble, expect, fill, menuOf, pair, popup, say, test } from '../stage';
import { chooseFiles, picture } from '../files';

test('what a picture or a dialog covers is not read', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  await chooseFiles(minsus, [await picture(minsus, '현장.png', 640, 480)]);
  await say(minsus, '사진입니다');
  await bubble(cheolsus, '사진입니다').locator('.picture').click();
  await expect(cheolsus.getByRole('dialog', { name: '사진 보기' })).toBeVisible();
  await say(minsus, '사진 뒤의 글');
  await expect(bubble(cheolsus, '사진 뒤의 글')).toHaveCount(1);
  const unread = bubble(minsus, '사진 뒤의 글').locator('.not-read');
  // A receipt would arrive before the page does.
  await minsus.reload();
  await expect(unread).toBeVisible();
  await cheolsus.keyboard.press('Escape');
  await expect(unread).toHaveCount(0);

  await cheolsus.getByRole('button', { name: '참여자' }).click();
  await expect(cheolsus.getByRole('dialog', { name: '참여자' })).toBeVisible();
  await say(minsus, '목록 뒤의 글');
  await expect(bubble(cheolsus, '목록 뒤의 글')).toHaveCount(1);
  const covered = bubble(minsus, '목록 뒤의 글').locator('.not-read');
  await minsus.reload();
  await expect(covered).toBeVisible();
  await cheolsus.keyboard.press('Escape');
  await expect(covered).toHaveCount(0);
});

test('on a phone a message is read when it was shown, not before and not all at once', async ({ person }) => {
  const phone = { viewport: { width: 360, height: 640 }, screen: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
  const [minsu, cheolsu] = [await person('minsu', phone), await person('cheolsu')];
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '(minsu)' }).click());
  await fill(cheolsus, Array.from({ length: 40 }, (_, number) => `쪽 ${number}.`));
  const unread = (number: number) => bubble(cheolsus, `쪽 ${number}.`).locator('.not-read');
  await expect(unread(39)).toBeVisible();
  await minsu.locator('#tab-rooms').tap();
  await minsu.locator('#panel-rooms a.row', { hasText: '박철수' }).first().tap();
  await expect(minsu.locator('.new-from-here')).toBeInViewport();
  await expect(unread(0), 'shown').toHaveCount(0);
  await expect(unread(20), 'further down').toHaveCount(1);
  await bubble(minsu, '쪽 20.').evaluate((row) => row.scrollIntoView({ block: 'end' }));
  await expect(unread(19)).toHaveCount(0);
  await expect(unread(30)).toHaveCount(1);
  // The list shows the same count.
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  const left = await cheolsus.locator('.not-read').count();
  await expect(minsu.locator('#panel-rooms .row-item', { hasText: '박철수' }).getByText(`읽지 않은 메시지 ${left}개`)).toHaveCount(1);
});

test('Enter on a message that is not sent yet opens no menu, neither now nor later', async ({ person, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  const field = minsus.getByRole('textbox');
  await say(minsus, '연결 뒤에 갈 글');
  await expect(bubble(minsus, '연결 뒤에 갈 글')).toHaveAttribute('data-state', 'sent');
  await minsus.context().setOffline(true);
  await say(minsus, '아직 못 간 글');
  await bubble(minsus, '아직 못 간 글').focus();
  await minsus.keyboard.press('Enter');
  await field.focus();
  await field.pressSequentially('쓰는 중');
  await minsus.context().setOffline(false);
  await expect(bubble(minsus, '아직 못 간 글')).toHaveAttribute('data-state', 'sent', { timeout: 30_000 });
  await expect(minsus.locator('.bubble-menu')).toHaveCount(0);
  await expect(field).toBeFocused();
});

test('while messages are selected, Enter selects, and the question says how many are recalled', async ({ person }) => {
  const [minsus, cheolsus] = await pair(await person('minsu'), await person('cheolsu'));
  await say(minsus, '내 글 하나');
  await expect(bubble(minsus, '내 글 하나')).toHaveAttribute('data-state', 'sent');
  await say(cheolsus, '남의 글');
  await expect(bubble(minsus, '남의 글')).toBeVisible();
  await (await menuOf(minsus, '내 글 하나')).getByRole('button', { name: '선택' }).click();
  await bubble(minsus, '남의 글').focus();
  await minsus.keyboard.press('Enter');
  await expect(minsus.locator('.bubble-menu')).toHaveCount(0);
  await expect(minsus.locator('.selection-bar').getByText('2개 선택')).toBeVisible();
  await minsus.getByRole('button', { name: '내 메시지 회수' }).click();
  await expect(minsus.getByRole('group', { name: '내 메시지 1개를 회수합니다. 되돌릴 수 없습니다.' })).toBeVisible();
  await minsus.screenshot({ path: test.info().outputPath('selection.png') });
});
