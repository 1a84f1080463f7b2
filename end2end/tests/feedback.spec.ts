// Actions of users are confirmed, on the screen and in a live region.
import type { Page } from '@playwright/test';
import { bubble, choose, decide, expect, menuOf, pair, say, test } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };
const announced = (page: Page) => page.locator('.chat .done[role=status]');

async function act(page: Page, message: string, name: string): Promise<void> {
  await (await menuOf(page, message)).getByRole('button', { name, exact: true }).click();
}

test('what is done with a message is confirmed; a clipboard that refuses is reported', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await minsus.reload();
  await expect(announced(minsus), 'a page from the server has nothing to tell: no bar covers who is typing').toHaveCSS('margin-top', '0px');
  await minsus.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await say(minsus, '회의록입니다');
  await expect(bubble(minsus, '회의록')).toHaveAttribute('data-state', 'sent');
  for (const [name, line] of [
    ['복사', '복사했습니다.'], ['링크 복사', '링크를 복사했습니다.'],
    ['책갈피', '책갈피에 저장했습니다.'], ['책갈피 해제', '책갈피를 해제했습니다.'],
    ['메시지 고정', '메시지를 고정했습니다.'], ['고정 해제', '메시지 고정을 해제했습니다.'],
    ['공지로 등록', '공지로 등록했습니다.'], ['공지 내리기', '공지를 내렸습니다.'],
  ]) {
    await act(minsus, '회의록', name);
    await expect(announced(minsus)).toHaveText(line);
    await expect(announced(minsus)).toBeVisible();
  }
  await expect(announced(minsus)).toBeEmpty({ timeout: 10_000 });
  await minsus.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); });
  await act(minsus, '회의록', '복사');
  await expect(announced(minsus)).toContainText('복사하지 못했습니다.');
});

test('what is done with a conversation is confirmed where it is done', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '안녕하세요');
  for (const [name, line] of [['알림 끄기', '알림 꺼짐'], ['알림 켜기', '알림 켜짐'], ['멘션만 알림', '멘션만 알림'], ['목록에서 숨기기', '목록에서 숨겼습니다. 새 메시지가 오면 다시 나타납니다.']]) {
    await choose(minsu, name);
    await expect(announced(minsu)).toHaveText(line);
  }
  const leave = minsu.locator('.leave');
  await expect(leave).toHaveAccessibleDescription('이 대화 창만 닫습니다. 대화는 목록에 남습니다.');
  await minsu.locator('.chat .find-open').focus();
  await minsu.keyboard.press('Tab');
  await expect(leave).toBeFocused();
  await expect(minsu.locator('.leave-hint'), 'keys have no pointer for a title').toBeVisible();
  await minsu.getByRole('tab', { name: '대화' }).click();
  const toasts = minsu.getByRole('status', { name: '알림' });
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '이영희' }).first();
  for (const [name, line, pins] of [['위에 고정', '위에 고정됨', 1], ['고정 해제', '고정 해제됨', 0], ['목록에서 숨기기', '목록에서 숨겼습니다.', 0]] as const) {
    await row.getByRole('button', { name: '대화 메뉴' }).click();
    await minsu.locator('.list-menu').getByRole('button', { name, exact: true }).click();
    await expect(toasts).toContainText(line);
    await expect(minsu.locator('.list-menu')).toHaveCount(0);
    // The list follows a moment later, and a menu shows what the list shows.
    await expect(row.getByText('위에 고정됨')).toHaveCount(pins);
  }
});
