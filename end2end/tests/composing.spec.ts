// Replays the events of input methods: each text is sent once, complete, with one Enter.
import type { Page } from '@playwright/test';
import { bubble, expect, popup, test } from '../stage';

type Step = ['start'] | ['update' | 'end', string] | ['value', string] | ['enter', { composing: boolean; keyCode: number }] | ['task'];

async function replay(page: Page, steps: Step[]): Promise<boolean[]> {
  return page.getByRole('textbox').evaluate(async (element: HTMLTextAreaElement, steps) => {
    const prevented: boolean[] = [];
    for (const [kind, detail] of steps as [string, any][]) {
      if (kind === 'start') element.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      if (kind === 'update') element.dispatchEvent(new CompositionEvent('compositionupdate', { data: detail, bubbles: true }));
      if (kind === 'end') element.dispatchEvent(new CompositionEvent('compositionend', { data: detail, bubbles: true }));
      if (kind === 'value') {
        element.value = detail;
        element.dispatchEvent(new InputEvent('input', { bubbles: true }));
      }
      if (kind === 'enter') {
        const event = new KeyboardEvent('keydown', {
          key: detail.keyCode === 229 ? 'Process' : 'Enter', code: 'Enter', keyCode: detail.keyCode,
          isComposing: detail.composing, bubbles: true, cancelable: true,
        } as KeyboardEventInit);
        prevented.push(!element.dispatchEvent(event));
      }
      if (kind === 'task') await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return prevented;
  }, steps);
}

const hangul: Record<string, Step[]> = {
  'Chrome: Enter, then the syllable ends': [
    ['value', '안'], ['start'], ['update', '녕'], ['value', '안녕'],
    ['enter', { composing: true, keyCode: 229 }], ['end', '녕'], ['task'],
  ],
  'Chrome on Windows: Enter is reported again afterwards': [
    ['value', '안'], ['start'], ['update', '녕'], ['value', '안녕'],
    ['enter', { composing: true, keyCode: 229 }], ['end', '녕'], ['enter', { composing: false, keyCode: 13 }], ['task'],
  ],
  'Firefox: Enter, and the element is finished only after the end': [
    ['start'], ['update', '녕'], ['value', '안녀'], ['enter', { composing: true, keyCode: 229 }], ['end', '녕'], ['value', '안녕'], ['task'],
  ],
  'Safari: the syllable ends, then its Enter': [
    ['start'], ['update', '녕'], ['value', '안녕'], ['end', '녕'], ['enter', { composing: false, keyCode: 229 }], ['task'],
  ],
  'no syllable under composition': [['value', '안녕'], ['enter', { composing: false, keyCode: 13 }], ['task']],
};

for (const [name, steps] of Object.entries(hangul)) {
  test(`a Korean message is sent once and complete: ${name}`, async ({ person }) => {
    const minsu = await person('minsu');
    const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
    const before = await window.locator('.said').count();
    const prevented = await replay(window, steps);
    expect(prevented.every(Boolean), 'no newline gets in').toBe(true);
    await expect(bubble(window, '안녕')).toHaveCount(1);
    await expect(window.locator('.said')).toHaveCount(before + 1);
    await expect(window.locator('.said .body').last()).toHaveText('안녕');
    await expect(window.getByRole('textbox')).toHaveValue('');
  });
}

test('Japanese: Enter only picks the candidate', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  const before = await window.locator('.said').count();
  await replay(window, [
    ['start'], ['update', 'にほん'], ['value', 'にほん'], ['enter', { composing: true, keyCode: 229 }],
    ['value', '日本'], ['end', '日本'], ['task'],
  ]);
  await expect(window.getByRole('textbox')).toHaveValue('日本');
  await expect(window.locator('.said')).toHaveCount(before);
  await window.getByRole('textbox').press('Enter');
  await expect(bubble(window, '日本')).toHaveCount(1);
});

test('Shift+Enter breaks the line', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await window.getByRole('textbox').pressSequentially('one');
  await window.getByRole('textbox').press('Shift+Enter');
  await window.getByRole('textbox').pressSequentially('two');
  await window.getByRole('textbox').press('Enter');
  await expect(window.locator('.said .body').last()).toHaveText('one\ntwo', { useInnerText: true });
});

/** Chromium's composition, with keys that an input method handles (229) or leaves to the page. */
async function inputMethod(page: Page) {
  const session = await page.context().newCDPSession(page);
  const key = (code: number, name: string, text?: string) => session.send('Input.dispatchKeyEvent', {
    type: text ? 'keyDown' : 'rawKeyDown', key: name, code: 'Enter', windowsVirtualKeyCode: code, text,
  });
  return {
    compose: (text: string) => session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length }),
    commit: (text: string) => session.send('Input.insertText', { text }),
    enterTaken: () => key(229, 'Process'),
    enter: () => key(13, 'Enter', '\r'),
  };
}

test('Enter picks Hanja and sends nothing; it sends the word that a phone composes', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  const keys = await inputMethod(window);
  const field = window.locator('#composer');
  await field.focus();
  await keys.compose('대화');
  await keys.enterTaken();
  await keys.commit('對話');
  await expect(field).toHaveValue('對話');
  await keys.compose('thanks');
  await keys.enter();
  await expect(window.locator('.said .body').last()).toHaveText('對話thanks');
  await expect(bubble(window, '對話')).toHaveCount(1);
  await expect(field).toHaveValue('');
});

test('a search field takes the Enter that ends a syllable, not the one that picks Hanja', async ({ person }) => {
  const minsu = await person('minsu');
  const keys = await inputMethod(minsu);
  const tab = minsu.getByRole('tab', { name: '대화' });
  await minsu.getByRole('searchbox').focus();
  await keys.compose('김');
  await keys.enterTaken();
  await keys.commit('金');
  await expect(minsu.getByRole('searchbox')).toHaveValue('金');
  await expect(tab).toHaveAttribute('aria-selected', 'false');
  await keys.compose('밥');
  await keys.enterTaken();
  await keys.commit('밥');
  await expect(tab).toHaveAttribute('aria-selected', 'true');
});
