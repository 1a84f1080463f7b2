// The readers of a message, and the members of a room.
import type { Page } from '@playwright/test';
import { bubble, choose, decide, expect, group, hydrated, menuOf, openGroup, say, test } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 740 }, screen: { width: 390, height: 740 }, hasTouch: true, isMobile: true };

const rows = (page: Page, list: string) => page.getByRole('dialog').getByRole('list', { name: list, exact: true }).getByRole('button');

test('the number of a bubble shows who has read, as it changes', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const younghee = await person('younghee');
  await person('cheolsu');
  await group(minsu, ['이영희', '박철수'], '읽음 모임');
  await say(minsu, '다들 보셨나요?');
  const number = bubble(minsu, '다들').locator('.not-read');
  await expect(number).toHaveText('22명이 읽지 않음');
  await number.click();
  await expect(minsu.getByRole('dialog', { name: '읽은 사람' })).toBeVisible();
  await expect(rows(minsu, '읽지 않음')).toHaveText([/박철수.*민원여권과/, /이영희.*정보화기획과 · 팀장/]);
  await expect(minsu.getByText('아직 아무도 읽지 않았습니다.')).toBeVisible();

  const younghees = await openGroup(younghee, '읽음 모임', '다들 보셨나요?');
  await expect(rows(minsu, '읽음')).toHaveText([/이영희/]);
  await expect(rows(minsu, '읽지 않음')).toHaveText([/박철수/]);
  // The card of a reader opens over the list; Escape closes the card, then the list.
  await minsu.keyboard.press('ArrowUp');
  await rows(minsu, '읽음').click();
  await expect(minsu.getByRole('dialog', { name: '이영희' })).toBeVisible();
  await minsu.keyboard.press('Escape');
  await expect(minsu.getByRole('dialog', { name: '이영희' })).toHaveCount(0);
  await expect(rows(minsu, '읽음')).toBeFocused();
  await minsu.keyboard.press('Escape');
  await expect(minsu.getByRole('dialog')).toHaveCount(0);
  await expect(number).toBeFocused();

  // A member who joins later is not expected to read; the menu shows the readers, too, in a separate window.
  await choose(younghees, '사람 초대');
  await younghees.getByRole('checkbox', { name: /최지우/ }).check();
  await younghees.getByRole('button', { name: '초대하기' }).click();
  await expect(younghees.locator('.log').getByText('이영희님이 최지우님을 초대했습니다.')).toBeVisible();
  await (await menuOf(younghees, '다들')).getByRole('button', { name: '읽은 사람' }).click();
  await expect(rows(younghees, '읽지 않음')).toHaveText([/박철수.*민원여권과/]);
  await expect(rows(younghees, '읽음')).toHaveText([/이영희/]);
});

test('by keys alone: the number is one of the stops of a message', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await say(minsu, '열쇠만으로');
  await expect(bubble(minsu, '열쇠만으로')).toHaveAttribute('data-state', 'sent');
  await minsu.getByRole('log').focus();
  await minsu.keyboard.press('ArrowUp');
  await minsu.keyboard.press('ArrowRight');
  await expect(bubble(minsu, '열쇠만으로').locator('.not-read')).toBeFocused();
  await minsu.keyboard.press('Enter');
  await expect(rows(minsu, '읽지 않음').first()).toBeFocused();
  await minsu.keyboard.press('Escape');
  await expect(bubble(minsu, '열쇠만으로').locator('.not-read')).toBeFocused();
});

test('the members of a group, in a window of its own and on a phone; the maker removes one', async ({ person }) => {
  test.setTimeout(120_000);
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const younghee = await person('younghee');
  const jiwoo = await person('jiwoo', phone);
  await group(minsu, ['이영희', '최지우', '박철수'], '내보내기 모임');
  await say(minsu, '모두 반갑습니다');
  const younghees = await openGroup(younghee, '내보내기 모임', '모두 반갑습니다');
  await younghees.getByRole('button', { name: '참여자' }).first().click();
  await expect(rows(younghees, '참여자')).toHaveText([/이영희.*\(나\)/, /김민수.*방장/, /박철수/, /최지우/]);
  await expect(rows(younghees, '참여자').nth(2).getByText('오프라인')).toHaveCount(1);
  await expect(rows(younghees, '참여자').nth(3).getByText('온라인')).toHaveCount(1);
  await expect(younghees.getByRole('button', { name: /^내보내기/ })).toHaveCount(0);
  await rows(younghees, '참여자').nth(2).click();
  await expect(younghees.getByRole('dialog', { name: '박철수' }).getByText('민원봉사국 › 민원여권과 · 주무관')).toBeVisible();
  // For the test's browser this window is the whole screen: the room opens in place.
  await younghees.getByRole('button', { name: '대화하기' }).click();
  await expect(younghees.getByRole('heading', { name: '박철수' })).toBeVisible();

  await jiwoo.getByRole('tab', { name: '대화' }).click();
  await jiwoo.locator('a.row', { hasText: '내보내기 모임' }).click();
  await expect(bubble(jiwoo, '모두 반갑습니다')).toBeVisible();
  await jiwoo.locator('.chat .bar .face').click();
  await expect(rows(jiwoo, '참여자')).toHaveCount(4);

  await choose(minsu, '참여자');
  await minsu.getByRole('button', { name: '내보내기 최지우' }).click();
  const sure = minsu.getByRole('group', { name: '최지우님을 그룹에서 내보낼까요?' });
  await expect(sure.getByRole('button', { name: '취소' })).toBeFocused();
  await sure.getByRole('button', { name: '내보내기' }).click();
  await expect(rows(minsu, '참여자').filter({ hasNotText: '내보내기' })).toHaveText([/김민수/, /박철수/, /이영희/]);
  await minsu.keyboard.press('Escape');
  await expect(minsu.locator('.log').getByText('김민수 (minsu)님이 최지우님을 내보냈습니다.')).toBeVisible();
  // A removed user sees the list, and who removed them.
  await expect(jiwoo.locator('.toasts')).toContainText('‘내보내기 모임’ 그룹에서 내보내졌습니다. 내보낸 사람: 김민수 (minsu)');
  await expect(jiwoo.locator('.side')).toBeVisible();
  await expect(jiwoo.locator('.chat')).toHaveCount(0);
  await say(minsu, '지우님은 못 보는 말');
  await jiwoo.reload();
  await hydrated(jiwoo);
  await expect(jiwoo.getByText('못 보는 말')).toHaveCount(0);
  await expect(jiwoo.locator('a.row', { hasText: '내보내기 모임' })).toHaveCount(0);
});

test('the header tells what the partner tells about themselves, next to the list and in a window of its own', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  const younghee = await person('younghee');
  await younghee.locator('.row.me').click();
  await younghee.getByRole('checkbox', { name: '다른 용무 중' }).check();
  await younghee.getByLabel('상태 메시지').fill('회의 중 ~ 15:00');
  await younghee.getByRole('button', { name: '저장' }).click();
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu.locator('.chat .bar').getByText('다른 용무 중 · 회의 중 ~ 15:00')).toBeVisible();
  const own = await minsu.context().newPage();
  await own.goto(minsu.url().replace('/?room=', '/rooms/'));
  await hydrated(own);
  await expect(own.locator('.chat .bar').getByText('다른 용무 중 · 회의 중 ~ 15:00')).toBeVisible();
});
