// Mentions: the list after an "@" by keyboard, touch and input methods; marks, the "@" of the room list, the
// collection.
import { type Page } from '@playwright/test';
import { bubble, choose, expect, menuOf, popup, test } from '../stage';

const field = (page: Page) => page.getByRole('textbox', { name: '메시지' });
const names = (page: Page) => page.getByRole('listbox', { name: '멘션할 사람' });

/** A group of 김민수 (minsu), 이영희 and 박철수, shown next to 김민수's list. */
async function group(person: (login: string) => Promise<Page>): Promise<[Page, Page]> {
  const minsu = await person('minsu');
  const younghee = await person('younghee');
  await minsu.getByRole('button', { name: '그룹 만들기' }).click();
  const picker = minsu.getByRole('dialog', { name: '그룹 만들기' });
  await picker.getByRole('checkbox', { name: /이영희/ }).check();
  await picker.getByRole('checkbox', { name: /박철수/ }).check();
  await picker.getByLabel('그룹 이름').fill('점심 모임');
  await picker.getByRole('button', { name: '만들기' }).click();
  await expect(minsu.locator('.stage').getByRole('heading', { name: '점심 모임' })).toBeVisible();
  return [minsu, younghee];
}

test('a name is picked by consonants and keys, marked in the bubble, and listed for the one who is mentioned', async ({ person }) => {
  const [minsu, younghee] = await group(person);
  await field(minsu).pressSequentially('안녕하세요 @ㅇㅎ');
  await expect(names(minsu).getByRole('option')).toHaveText([/이영희/]);
  await field(minsu).press('Escape');
  await expect(names(minsu)).toHaveCount(0);
  await field(minsu).press('Control+a');
  await field(minsu).pressSequentially('@');
  await expect(names(minsu).getByRole('option')).toHaveCount(3);
  await expect(field(minsu)).toHaveAttribute('aria-activedescendant', 'mention-0');
  await field(minsu).press('ArrowDown');
  await expect(names(minsu).getByRole('option', { selected: true })).toHaveAttribute('id', 'mention-1');
  await field(minsu).pressSequentially('dldudgml');
  await expect(names(minsu).getByRole('option', { selected: true })).toHaveText(/이영희/);
  await field(minsu).press('Enter');
  await expect(field(minsu)).toHaveValue('@이영희 ');
  await field(minsu).pressSequentially('자료 부탁드립니다');
  await field(minsu).press('Enter');
  await expect(bubble(minsu, '자료 부탁').locator('.mention')).toHaveText('@이영희');
  await expect(bubble(minsu, '자료 부탁').locator('.mention.me')).toHaveCount(0);

  await younghee.getByRole('tab', { name: '대화' }).click();
  const row = younghee.locator('#panel-rooms .row', { hasText: '점심 모임' });
  await expect(row.getByText('나를 멘션한 새 메시지')).toHaveCount(1);
  const opener = younghee.getByRole('button', { name: '나를 멘션' });
  await opener.click();
  const dialog = younghee.getByRole('dialog', { name: '나를 멘션' });
  await expect(dialog.locator('.row')).toHaveText([/점심 모임.*자료 부탁드립니다/s]);
  await younghee.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(opener).toBeFocused();
  await opener.click();
  const window = await popup(younghee, () => dialog.locator('.row').click());
  await expect(bubble(window, '자료 부탁').locator('.mention.me')).toHaveText('@이영희');
  await expect(row.getByText('나를 멘션한 새 메시지')).toHaveCount(0);

  // A recall removes it from an open collection.
  await opener.click();
  await expect(dialog.locator('.row')).toHaveCount(1);
  await (await menuOf(minsu, '자료 부탁')).getByRole('button', { name: '회수' }).click();
  await minsu.locator('.sure').getByRole('button', { name: '회수' }).click();
  await expect(dialog.getByText('나를 멘션한 메시지가 없습니다.')).toBeVisible();
});

test('an Enter that ends a syllable picks the name and sends nothing', async ({ person }) => {
  const [minsu] = await group(person);
  const before = await minsu.locator('.said').count();
  await field(minsu).evaluate(async (element: HTMLTextAreaElement) => {
    const composition = (type: string, data = '') => element.dispatchEvent(new CompositionEvent(type, { data, bubbles: true }));
    const value = (text: string) => {
      element.value = text;
      element.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    const enter = (isComposing: boolean) => element.dispatchEvent(new KeyboardEvent('keydown', {
      key: isComposing ? 'Process' : 'Enter', code: 'Enter', keyCode: isComposing ? 229 : 13, isComposing, bubbles: true, cancelable: true,
    } as KeyboardEventInit));
    element.focus();
    value('@');
    composition('compositionstart');
    composition('compositionupdate', '영');
    value('@영');
    await new Promise((resolve) => setTimeout(resolve, 300));
    enter(true);
    composition('compositionend', '영');
    enter(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    element.dispatchEvent(new KeyboardEvent('keyup', { key: 'Enter', code: 'Enter', bubbles: true }));
  });
  await expect(field(minsu)).toHaveValue('@이영희 ');
  await expect(minsu.locator('.said')).toHaveCount(before);
});

test('a muted conversation that still notifies of mentions, and everybody at once', async ({ person }) => {
  const [minsu, younghee] = await group(person);
  const window = await popup(younghee, () => younghee.getByRole('status', { name: '알림' }).getByRole('button', { name: '열기' }).first().click());
  await choose(window, '멘션만 알림');
  await window.close();
  await younghee.getByRole('tab', { name: '대화' }).click();
  const row = younghee.locator('#panel-rooms .row', { hasText: '점심 모임' });
  await expect(row.getByText('멘션만 알림')).toHaveCount(1);
  await field(minsu).fill('조용한 말');
  await field(minsu).press('Enter');
  await expect(row.getByText('조용한 말')).toBeVisible();
  await field(minsu).pressSequentially('@모');
  await names(minsu).getByRole('option', { name: /모두/ }).click();
  await expect(field(minsu)).toBeFocused();
  await field(minsu).pressSequentially('회의실로 와 주세요');
  await field(minsu).press('Enter');
  const toast = younghee.getByRole('status', { name: '알림' });
  await expect(toast.getByText('회의실로 와 주세요')).toBeVisible();
  await expect(toast.getByText('조용한 말')).toHaveCount(0);
});

test('a name is picked by touch', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true });
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await field(minsu).tap();
  await field(minsu).pressSequentially('@ㅂ');
  await names(minsu).getByRole('option').tap();
  await expect(field(minsu)).toHaveValue('@박철수 ');
});
