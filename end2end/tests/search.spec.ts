import { decide, bubble, choose, expect, fill, hydrated, pair, popup, test } from '../stage';

test('messages are found by parts of words and shown in their room', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await fill(minsus, ['정기회의를 준비합시다', ...Array.from({ length: 150 }, (_, number) => `다른 이야기 ${number}.`)]);
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('searchbox').fill('회의');
  const hit = minsu.getByRole('link', { name: /박철수.*정기회의를/ });
  await expect(hit).toBeVisible();
  await expect(hit.locator('mark')).toHaveText('회의');
  await expect(minsu.getByRole('link', { name: /이영희.*회의실 B/ })).toBeVisible();
  await minsus.close();
  const found = await popup(minsu, () => hit.click());
  await expect(bubble(found, '정기회의를')).toBeInViewport();
  await expect(bubble(found, '다른 이야기 149.')).toHaveCount(0);
  await expect(found.getByRole('button', { name: '최신 메시지로 이동' })).toBeVisible();
  await found.getByRole('button', { name: '최신 메시지로 이동' }).click();
  await expect(bubble(found, '다른 이야기 149.')).toBeInViewport();

  await minsu.getByRole('searchbox').fill('없는말없는말');
  await expect(minsu.getByText('들어 있는 메시지나 파일이 없습니다.')).toBeVisible();
});

test('a hit in a conversation that fits the window is marked', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await decide(minsu, 'place=here');
  await minsu.goto(minsu.url());
  await hydrated(minsu);
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('searchbox').fill('회의실 B');
  await minsu.locator('.hit').first().click();
  await expect(minsu.locator('.said.shown')).toContainText('회의실 B');
});

test('a hit scrolls the room next to the list to its message', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await decide(minsu, 'place=window');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await fill(minsus, ['찾을 말', ...Array.from({ length: 150 }, (_, number) => `그 사이 ${number}.`)]);
  await minsus.close();
  await decide(minsu, 'place=here');
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('link', { name: /박철수/ }).click();
  await expect(bubble(minsu, '그 사이 149.')).toBeVisible();
  await minsu.getByRole('searchbox').fill('찾을');
  await minsu.locator('.hit').click();
  await expect(bubble(minsu, '찾을 말')).toBeInViewport();
});

test('the message of a hit stays marked when its row is rendered again, in every theme and without motion', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  await decide(minsu, 'place=window');
  const cheolsu = await person('cheolsu');
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  const room = minsus.url();
  await Promise.all([cheolsus.waitForEvent('close'), cheolsus.getByRole('button', { name: '나가기' }).click()]);
  await fill(minsus, ['찾을 말', ...Array.from({ length: 60 }, (_, number) => `그 사이 ${number}.`)]);
  await minsus.close();
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('searchbox').fill('찾을');
  const place = (await minsu.locator('.hit').getAttribute('href'))!;
  // The reader's window stays hidden until its turn, because it marks visible messages as read.
  const look = (state: string) => Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
  await cheolsu.addInitScript(look, 'hidden');
  await cheolsu.goto(room);
  await hydrated(cheolsu);
  for (const [theme, edge] of [['light', 'rgb(138, 82, 0)'], ['dark', 'rgb(240, 184, 96)'], ['contrast', 'rgb(255, 225, 77)']]) {
    await decide(minsu, `place=here&theme=${theme}`);
    await minsu.goto(new URL(place, minsu.url()).href);
    await hydrated(minsu);
    const marked = minsu.locator('.said.shown');
    await expect(marked).toContainText('찾을 말');
    await expect(marked).toHaveCSS('outline', `${edge} solid 3px`);
    await expect(marked).toHaveCSS('animation-name', 'none');
  }
  // A read receipt renders the row again, without its count.
  const unread = bubble(minsu, '찾을 말').getByText('1명이 읽지 않음');
  await expect(unread).toHaveCount(1);
  await cheolsu.evaluate(look, 'visible');
  await cheolsu.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(unread).toHaveCount(0, { timeout: 4_000 });
  await expect(minsu.locator('.said.shown')).toContainText('찾을 말');
  await expect(minsu.locator('.shown')).toHaveCount(0);
});

test('a long room is read in both directions without growing in memory', async ({ person }) => {
  test.setTimeout(120_000);
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await fill(minsus, Array.from({ length: 600 }, (_, number) => `줄 ${number}.`));
  await expect(bubble(minsus, '줄 599.')).toBeInViewport();
  const log = minsus.getByRole('log');
  const seen = async () => (await minsus.locator('.said').count());
  for (let turn = 0; turn < 40 && await bubble(minsus, '줄 0.').count() === 0; turn++) {
    await log.evaluate((element) => element.scrollTo(0, 0));
    await minsus.waitForTimeout(150);
  }
  await expect(bubble(minsus, '줄 0.')).toHaveCount(1);
  await expect(bubble(minsus, '줄 599.')).toHaveCount(0);
  expect(await seen()).toBeLessThanOrEqual(350);
  for (let turn = 0; turn < 40 && await bubble(minsus, '줄 599.').count() === 0; turn++) {
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await minsus.waitForTimeout(150);
  }
  await expect(bubble(minsus, '줄 599.')).toHaveCount(1);
  expect(await seen()).toBeLessThanOrEqual(350);
  const texts = await minsus.locator('.said .body').allTextContents();
  const numbers = texts.map((text) => Number(text.replace(/\D/g, '')));
  expect(numbers).toEqual(numbers.map((_, index) => numbers[0] + index));
});

test('the log goes to a day', async ({ person }) => {
  const [minsus] = await pair(await person('minsu'), await person('cheolsu'));
  await fill(minsus, Array.from({ length: 120 }, (_, number) => `오늘 ${number}.`));
  await choose(minsus, '날짜로 이동');
  await minsus.getByLabel('날짜', { exact: true }).fill('2020-01-01');
  await minsus.getByRole('button', { name: '이날 대화 확인' }).click();
  await expect(minsus.getByText('대화의 처음입니다.')).toHaveCount(1);
  await expect(bubble(minsus, '오늘 119.')).toHaveCount(0);
  await expect(minsus.locator('.chat .done'), 'a day without messages').toContainText(/^그날은 메시지가 없어 가장 가까운 날을 보여 줍니다: .*\d+월 \d+일/);
  await expect(minsus.locator('.said').first()).toHaveClass(/shown/);
  await expect(minsus.locator('.said').first()).toBeInViewport();
});
