// The search in one room, and links to messages.
import type { Page } from '@playwright/test';
import { bubble, choose, decide, DEMO_PASSWORD, expect, fill, hydrated, menuOf, pair, say, signIn, test } from '../stage';

const wide = { viewport: { width: 1280, height: 800 } };
const field = (page: Page) => page.getByRole('searchbox', { name: '대화에서 찾기' });
const hits = (page: Page) => page.locator('.find .hit');

test('hits of this conversation alone, by keys from one to the next and back', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await fill(minsus, ['첫째 점검 목록', ...Array.from({ length: 120 }, (_, index) => `${index}번째 보고`), '둘째 점검 결과']);
  await expect(bubble(minsus, '둘째 점검')).toBeVisible();
  await minsus.locator('#composer').focus();
  await minsus.keyboard.press('Control+f');
  await expect(field(minsus)).toBeFocused();
  await minsus.keyboard.type('점검');
  await expect(hits(minsus)).toHaveCount(2);
  await expect(minsus.getByText('2개 찾음')).toBeVisible();
  await minsus.keyboard.press('ArrowUp');
  await expect(minsus.getByText('1 / 2')).toBeVisible();
  await minsus.keyboard.press('Enter');
  await expect(minsus.getByText('2 / 2')).toBeVisible();
  await expect(minsus.locator('.find-bar [role=status]')).toContainText('2개 중 2번째: 김민수 (minsu): 첫째 점검 목록');
  await expect(bubble(minsus, '첫째 점검')).toBeInViewport();
  await expect(bubble(minsus, '첫째 점검')).toHaveClass(/shown/);
  await expect(field(minsus)).toBeFocused();
  await expect(hits(minsus).nth(1)).toHaveAttribute('aria-current', 'true');
  await minsus.keyboard.press('ArrowDown');
  await expect(bubble(minsus, '둘째 점검')).toBeInViewport();
  await minsus.getByRole('button', { name: '더 오래된 결과', exact: true }).click();
  await expect(minsus.getByText('2 / 2')).toBeVisible();
  await minsus.getByRole('button', { name: '더 새로운 결과', exact: true }).click();
  await expect(minsus.getByText('1 / 2')).toBeVisible();
  await hits(minsus).nth(1).click();
  await expect(bubble(minsus, '첫째 점검')).toBeInViewport();
  await minsus.keyboard.press('Escape');
  await expect(minsus.locator('.find')).toHaveCount(0);
  await expect(minsus.locator('#composer')).toBeFocused();
  await expect(bubble(minsus, '첫째 점검')).toBeInViewport();

  // A recalled message is not a hit.
  await choose(minsus, '대화에서 찾기');
  await field(minsus).fill('점검');
  await expect(hits(minsus)).toHaveCount(2);
  const menu = await menuOf(minsus, '첫째 점검');
  await menu.getByRole('button', { name: '회수' }).click();
  await menu.getByRole('group').getByRole('button', { name: '회수' }).click();
  await expect(hits(minsus)).toHaveCount(1);
  await field(minsus).fill('없는 말');
  await expect(minsus.locator('.find .hint')).toBeVisible();
});

test('Escape leaves the log at the hit, wherever the focus came from', async ({ person }) => {
  const minsu = await person('minsu');
  const [minsus] = await pair(minsu, await person('cheolsu'));
  await fill(minsus, ['첫째 점검 목록', ...Array.from({ length: 40 }, (_, index) => `${index}번째 보고`), '둘째 점검 결과']);
  await expect(bubble(minsus, '둘째 점검')).toBeVisible();
  const froms = [bubble(minsus, '39번째 보고'), minsus.getByRole('log'), minsus.locator('#composer'), minsus.locator('.more summary')];
  for (const from of froms) {
    await minsus.getByRole('log').evaluate((log) => log.scrollTo(0, log.scrollHeight));
    await from.focus();
    await minsus.keyboard.press('Control+f');
    await minsus.keyboard.type('점검');
    await expect(hits(minsus)).toHaveCount(2);
    await minsus.keyboard.press('Enter');
    await minsus.keyboard.press('Enter');
    await expect(bubble(minsus, '첫째 점검')).toBeInViewport();
    await minsus.keyboard.press('Escape');
    await expect(minsus.locator('.find')).toHaveCount(0);
    // From a message, the focus continues at the hit.
    const isInLog = await from.evaluate((from) => !!from.closest('.log'));
    await expect(isInLog ? bubble(minsus, '첫째 점검') : from).toBeFocused();
    await expect(bubble(minsus, '첫째 점검')).toBeInViewport({ ratio: 1 });
  }
});

test('a hit by the name of a file shows the name', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(minsu.locator('#composer')).toBeVisible();
  await minsu.locator('#files').setInputFiles({ name: '11월 예산안.txt', mimeType: 'text/plain', buffer: Buffer.from('글') });
  await say(minsu, '검토 부탁드립니다');
  await expect(bubble(minsu, '검토 부탁')).toHaveAttribute('data-state', 'sent');
  await minsu.locator('#composer').focus();
  await minsu.keyboard.press('Control+f');
  await field(minsu).fill('예산');
  await expect(hits(minsu)).toContainText('11월 예산안.txt · 검토 부탁드립니다');
  await expect(hits(minsu).locator('mark').first()).toHaveText('예산');
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.locator('.side').getByRole('searchbox').fill('예산');
  await expect(minsu.locator('.side .hit')).toContainText('11월 예산안.txt · 검토 부탁드립니다');
});

/** The address that "copy link" puts on the clipboard. */
async function linkOf(page: Page, text: string): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await (await menuOf(page, text)).getByRole('button', { name: '링크 복사' }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

test('a link opens at its message, also after signing in, and for nobody else', async ({ person, server, browserOf, expectedErrors }) => {
  expectedErrors.push(/404/);
  const minsu = await person('minsu');
  const cheolsu = await person('cheolsu');
  const [minsus] = await pair(minsu, cheolsu);
  await say(minsus, '여기로 오세요');
  await expect(bubble(minsus, '여기로')).toHaveAttribute('data-state', 'sent');
  const link = await linkOf(minsus, '여기로');
  expect(link).toMatch(new RegExp(`^${server.url}/rooms/[0-9a-f-]+\\?at=\\d+$`));
  await fill(minsus, Array.from({ length: 150 }, (_, index) => `${index}번째 보고`));

  const visitor = await (await browserOf()).newPage();
  await visitor.goto(link);
  await visitor.locator('#login').fill('cheolsu');
  await visitor.locator('#password').fill(DEMO_PASSWORD);
  await visitor.locator('form[action="/api/sign_in"] button').click();
  await visitor.waitForURL(link);
  await hydrated(visitor);
  await expect(bubble(visitor, '여기로')).toBeInViewport();
  await expect(bubble(visitor, '여기로')).toBeFocused();

  const stranger = await (await browserOf()).newPage();
  await signIn(stranger, server, 'jiwoo');
  await stranger.goto(link);
  const page = await stranger.locator('body').innerText();
  await stranger.goto(link.replace(/rooms\/[0-9a-f]/, 'rooms/f'));
  expect(await stranger.locator('body').innerText()).toBe(page);
});

test('a link in a message opens in place', async ({ person }) => {
  const minsu = await person('minsu', wide);
  await decide(minsu, 'place=here');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await say(minsu, '목적지가 되는 글');
  await expect(bubble(minsu, '목적지가')).toHaveAttribute('data-state', 'sent');
  const link = await linkOf(minsu, '목적지가');
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu.getByRole('heading', { name: '이영희' })).toBeVisible();
  await say(minsu, `참고: ${link}`);
  await bubble(minsu, '참고:').getByRole('link').click();
  await expect(minsu.getByRole('heading', { name: '박철수' })).toBeVisible();
  await expect(bubble(minsu, '목적지가')).toHaveClass(/shown/);
  expect(minsu.context().pages()).toHaveLength(1);

  // In the same room it jumps.
  await say(minsu, `위를 보세요 ${link}`);
  await bubble(minsu, '위를 보세요').getByRole('link').click();
  await expect(bubble(minsu, '목적지가').first()).toBeFocused();
  expect(minsu.context().pages()).toHaveLength(1);
});
