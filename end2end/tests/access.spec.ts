// axe finds no fault on any page and in any state, in both languages and three themes.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { bubble, decide, expect, hydrated, pair, say, test } from '../stage';

async function check(page: Page, state: string): Promise<void> {
  // A view that is still fading in has less contrast.
  await page.waitForTimeout(250);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  expect.soft(found, state).toEqual([]);
}

/** The pages of a visitor. */
async function checkVisitor(visitor: Page, url: string, theme: string): Promise<void> {
  await visitor.goto(`${url}/sign_in`);
  await decide(visitor, `theme=${theme}`);
  for (const path of ['/sign_in?error=credentials', '/entry', '/register', '/offline', '/shortcuts', '/nowhere']) {
    await visitor.goto(url + path);
    await check(visitor, path);
  }
}

for (const [lang, locale] of [['ko', 'ko-KR'], ['en', 'en-US']] as const) {
  for (const theme of ['light', 'dark', 'contrast']) {
    test(`${lang} ${theme}`, async ({ server, browserOf, person, expectedErrors }) => {
      test.setTimeout(180_000);
      expectedErrors.push(/404/);
      const options = { locale, viewport: { width: 1280, height: 800 } };
      const visitor = await (await browserOf(options)).newPage();
      await checkVisitor(visitor, server.url, theme);
      const minsu = await person('minsu', options);
      await decide(minsu, 'place=window');
      const cheolsu = await person('cheolsu');
      const [minsus, cheolsus] = await pair(minsu, cheolsu);
      await say(cheolsus, '**굵게** `코드`\n- 하나\n> 인용\n```\n  let x;\n```\nhttps://example.org');
      await minsus.close();
      await say(cheolsus, '답해 주세요');
      await decide(minsu, `theme=${theme}&place=here`);
      await minsu.goto(`${server.url}/settings?saved=1`);
      await check(minsu, 'settings');
      await minsu.goto(server.url);
      await hydrated(minsu);
      // The list opens at unread messages.
      await minsu.locator('#tab-people').click();
      await check(minsu, 'people');
      await minsu.keyboard.press('Control+k');
      await minsu.keyboard.type('ㅂ');
      await check(minsu, 'palette');
      await minsu.keyboard.press('Escape');
      await minsu.locator('.row.me').click();
      await check(minsu, 'own card');
      await minsu.keyboard.press('Escape');
      await minsu.locator('.new-group').click();
      await check(minsu, 'new group');
      await minsu.keyboard.press('Escape');
      await minsu.locator('#tab-rooms').click();
      await minsu.locator('.search input').fill('답해');
      await expect(minsu.locator('.hit')).toBeVisible();
      await check(minsu, 'search');
      await minsu.locator('.search input').fill('');
      await minsu.locator('a.row', { hasText: '박철수' }).click();
      await expect(bubble(minsu, '답해 주세요')).toBeVisible();
      await bubble(minsu, '답해 주세요').hover();
      await bubble(minsu, '답해 주세요').locator('[data-act=menu]').click();
      await check(minsu, 'menu');
      await minsu.locator('[data-do="👍"]').click();
      await bubble(minsu, '답해 주세요').locator('[data-act=menu]').click();
      await minsu.locator('[data-do=reply]').click();
      await say(minsu, '네');
      await expect(bubble(minsu, '네').last()).toHaveAttribute('data-state', 'sent');
      await minsu.locator('.emoji-open').click();
      await check(minsu, 'conversation, emojis');
      await minsu.keyboard.press('Escape');
      await minsu.locator('.more summary').click();
      await check(minsu, 'what can be done');
      await minsu.locator('[data-do=invite]').click();
      await check(minsu, 'invite');
      await minsu.keyboard.press('Escape');
      await minsu.locator('.chat .bar .face').click();
      await check(minsu, 'members');
      await minsu.keyboard.press('Escape');
      await bubble(minsu, '답해 주세요').first().hover();
      await bubble(minsu, '답해 주세요').first().locator('[data-act=menu]').click();
      await minsu.locator('[data-do=readers]').click();
      await check(minsu, 'readers');
      await minsu.keyboard.press('Escape');
      await minsu.keyboard.press('Control+f');
      await minsu.keyboard.type('답해');
      await expect(minsu.locator('.find .hit')).toHaveCount(1);
      await minsu.keyboard.press('Enter');
      await check(minsu, 'search in the conversation');
    });
  }
}
