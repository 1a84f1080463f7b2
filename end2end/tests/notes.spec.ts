// A user's notes.
import { bubble, choose, decide, expect, hydrated, menuOf, say, test } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };

test('notes open from the card, the own row and the palette, and are listed without a count', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.keyboard.press('Control+k');
  await minsu.keyboard.type('나와의');
  await minsu.getByRole('dialog').getByRole('button', { name: '나와의 대화' }).click();
  const stage = minsu.locator('.stage');
  await expect(stage.getByRole('heading', { name: '나와의 대화' })).toBeVisible();
  await expect(stage.getByText('나만 볼 수 있는 대화입니다.')).toBeVisible();
  await say(minsu, '내일 아홉 시 보고');
  await expect(bubble(minsu, '내일 아홉 시')).toHaveAttribute('data-state', 'sent');
  await expect(bubble(minsu, '내일 아홉 시').locator('.not-read')).toHaveCount(0);
  // A note can be scheduled as a reminder, and asks nobody for a confirmation.
  await minsu.getByRole('button', { name: '메시지 옵션' }).click();
  await expect(minsu.getByRole('button', { name: '예약 발송' })).toBeVisible();
  await expect(minsu.getByRole('switch', { name: '확인 요청' })).toHaveCount(0);
  await minsu.keyboard.press('Escape');
  await expect((await menuOf(minsu, '내일 아홉 시')).getByRole('button', { name: '읽은 사람' })).toHaveCount(0);
  await minsu.keyboard.press('Escape');

  await minsu.locator('#tab-rooms').click();
  const row = minsu.locator('a.row', { hasText: '나와의 대화' });
  await expect(row).toContainText('내일 아홉 시 보고');
  await expect(row.locator('.badge')).toHaveCount(0);
  await expect(row.locator('.dot')).toHaveCount(0);
  const url = minsu.url();
  await minsu.locator('#tab-people').click();
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(stage.getByRole('heading', { name: '박철수' })).toBeVisible();
  await minsu.locator('.row.me').first().click();
  await minsu.getByRole('dialog').getByRole('button', { name: '나와의 대화' }).click();
  await expect(stage.getByRole('heading', { name: '나와의 대화' })).toBeVisible();
  expect(minsu.url()).toBe(url);
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await minsu.locator('.row-item', { has: minsu.locator('.row.me') }).first().getByRole('button', { name: '나와의 대화' }).click();
  await expect(bubble(minsu, '내일 아홉 시')).toBeVisible();

  // The same notes in another browser, and their title in a separate window.
  const other = await person('minsu');
  await other.goto(url.replace('/?room=', '/rooms/'));
  await hydrated(other);
  await expect(other).toHaveTitle('나와의 대화');
  await say(other, '다른 기기에서');
  await expect(bubble(minsu, '다른 기기에서')).toBeVisible();
  await expect(minsu.locator('.toast')).toHaveCount(0);
  await choose(other, '참여자');
  await expect(other.getByRole('dialog').getByRole('list', { name: '참여자' }).getByRole('button')).toHaveCount(1);
});
