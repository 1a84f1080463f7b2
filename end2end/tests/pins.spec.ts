// The announcement and pinned messages of a room; a user's bookmarks.
import { type Page } from '@playwright/test';
import { bubble, choose, expect, hydrated, menuOf, pair, say, test } from '../stage';

const bar = (page: Page) => page.getByRole('region', { name: '공지' });

test('an announcement is set from the menu, folded by each for themselves, and gone with its message', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await say(minsus, '내일은 창립 기념일로 쉽니다');
  await (await menuOf(cheolsus, '창립 기념일')).getByRole('button', { name: '공지로 등록' }).click();
  await expect(bar(minsus).getByText('내일은 창립 기념일로 쉽니다')).toBeVisible();
  await expect(bar(minsus).getByText('박철수님이 등록')).toBeVisible();
  await expect(minsus.locator('.log').getByText('박철수님이 공지를 등록했습니다.')).toBeVisible();
  await bar(minsus).getByRole('button', { name: '접기' }).click();
  await expect(bar(minsus).getByText('박철수님이 등록')).toBeHidden();
  await minsus.reload();
  await hydrated(minsus);
  await expect(bar(minsus).getByRole('button', { name: '전체 보기' })).toBeVisible();
  await expect(bar(cheolsus).getByRole('button', { name: '접기' })).toBeVisible();

  await say(minsus, '새 공지입니다');
  await (await menuOf(minsus, '새 공지입니다')).getByRole('button', { name: '공지로 등록' }).click();
  await expect(bar(minsus).getByRole('button', { name: '접기' })).toBeVisible();
  await choose(cheolsus, '고정된 메시지');
  const pins = cheolsus.getByRole('dialog', { name: '고정된 메시지' });
  await expect(pins.locator('.row')).toHaveText([/공지.*새 공지입니다/s, /창립 기념일/]);
  await pins.getByRole('button', { name: '고정 해제' }).last().click();
  await expect(pins.locator('.row')).toHaveCount(1);
  await pins.locator('.row').click();
  await expect(pins).toHaveCount(0);
  await expect(bubble(cheolsus, '새 공지입니다')).toHaveClass(/shown/);

  await (await menuOf(minsus, '새 공지입니다')).getByRole('button', { name: '회수' }).click();
  await minsus.locator('.sure').getByRole('button', { name: '회수' }).click();
  await expect(bar(cheolsus)).toHaveCount(0);
  await expect(bar(minsus)).toHaveCount(0);
});

test('a bookmark is found in the list of all conversations, and removed there', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  const [minsus] = await pair(minsu, cheolsu);
  await say(minsus, '나중에 다시 볼 글');
  await (await menuOf(minsus, '다시 볼 글')).getByRole('button', { name: '책갈피' }).click();
  await expect(bubble(minsus, '다시 볼 글').locator('.bookmark')).toHaveCount(1);
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('button', { name: '책갈피' }).click();
  const dialog = minsu.getByRole('dialog', { name: '책갈피' });
  await expect(dialog.locator('.row')).toHaveText([/박철수.*다시 볼 글/s]);
  await dialog.getByRole('button', { name: '책갈피 해제' }).click();
  await expect(dialog.getByText('책갈피한 메시지가 없습니다.')).toBeVisible();
  await expect(bubble(minsus, '다시 볼 글').locator('.bookmark')).toHaveCount(0);
  await (await menuOf(minsus, '다시 볼 글')).getByRole('button', { name: '책갈피' }).click();
  await expect(dialog.locator('.row')).toHaveCount(1);
});
