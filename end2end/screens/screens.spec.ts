import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { bubble, decide, hydrated, popup, say, signIn, test } from '../stage';

const folder = resolve(__dirname, '../../docs/screens');
const narrow = { width: 380, height: 720 };
const wide = { width: 1280, height: 800 };
const chat = { width: 420, height: 640 };

for (const [lang, locale] of [['ko', 'ko-KR'], ['en', 'en-US']] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${lang} ${colorScheme}`, async ({ serverOf, server, person, browserOf, expectedErrors }) => {
      test.setTimeout(180_000);
      expectedErrors.push(/WebSocket connection/, /ERR_CONNECTION_REFUSED/, /404/);
      const options = { locale, colorScheme, viewport: narrow, screen: { width: 1920, height: 1080 } };
      const shot = async (page: Page, name: string) => {
        await page.waitForTimeout(300);
        await page.screenshot({ path: `${folder}/${name}-${lang}-${colorScheme}.png` });
      };

      const visitor = await (await browserOf(options)).newPage();
      await visitor.goto(`${server.url}/sign_in`);
      await shot(visitor, 'sign-in');
      await visitor.goto(`${server.url}/sign_in?error=credentials&login=minsu`);
      await shot(visitor, 'sign-in-refused');
      await visitor.goto(`${server.url}/entry`);
      await shot(visitor, 'entry-visitor');
      await visitor.goto(`${server.url}/register`);
      await shot(visitor, 'register-closed');
      for (const page of ['offline', 'shortcuts']) {
        await visitor.goto(`${server.url}/${page}`);
        await shot(visitor, page);
      }
      await visitor.setViewportSize({ width: 760, height: 3600 });
      await visitor.goto(`${server.url}/design`);
      await shot(visitor, 'design');
      await visitor.setViewportSize(narrow);
      const empty = await serverOf(false);
      await visitor.goto(`${empty.url}/register`);
      await shot(visitor, 'register-first');
      await visitor.goto(`${empty.url}/register?error=invalid_password&login=minsu&name=%EA%B9%80%EB%AF%BC%EC%88%98`);
      await shot(visitor, 'register-refused');

      const minsu = await person('minsu', options);
      const younghee = await person('younghee', options);
      await person('jiwoo', options);
      await shot(minsu, 'people');
      await minsu.locator('input[type=search]').fill('ㅇㅎ');
      await shot(minsu, 'people-found');
      await minsu.locator('input[type=search]').fill('zzz');
      await shot(minsu, 'people-not-found');
      await minsu.locator('input[type=search]').fill('');
      await minsu.keyboard.press('Control+k');
      await minsu.keyboard.type('ㅇ');
      await shot(minsu, 'palette');
      await minsu.keyboard.press('Escape');
      await minsu.locator('#panel-people .row-item', { hasText: '이영희' }).locator('.act').click();
      await shot(minsu, 'card');
      await minsu.keyboard.press('Escape');
      await minsu.locator('.row.me').click();
      await shot(minsu, 'own-card');
      await minsu.keyboard.press('Escape');
      await minsu.locator('#tab-rooms').click();
      await shot(minsu, 'conversations');
      // A separate page, because a page of another size would shrink the screen, too.
      const settings = await minsu.context().newPage();
      await settings.setViewportSize({ width: 760, height: 1900 });
      await settings.goto(`${server.url}/settings?saved=1`);
      await shot(settings, 'settings');
      await settings.close();
      await minsu.goto(`${server.url}/entry`);
      await shot(minsu, 'entry');
      await minsu.goto(`${server.url}/no/such/page`);
      await shot(minsu, 'not-found');
      await minsu.goto(`${server.url}/`);
      await hydrated(minsu);

      const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
      await window.setViewportSize(chat);
      await shot(window, 'chat-away');
      await younghee.locator('#tab-people').click();
      const other = await popup(younghee, () => younghee.locator('#panel-people button.row', { hasText: '김민수 (minsu)' }).first().click());
      await other.setViewportSize(chat);
      await say(other, '네, 3시 회의실 B로 옮겼어요.\n자료는 https://share.example.org/회의?week=47 에 있습니다.');
      await say(window, '확인했습니다. 초안 가지고 갈게요.');
      await say(window, '그리고 지우님도 같이 갑니다');
      await other.getByRole('textbox').pressSequentially('네');
      await window.locator('.typing', { hasText: /입력하는|writing/ }).waitFor();
      await shot(window, 'chat');
      await window.locator('.emoji-open').click();
      await shot(window, 'emojis');
      await window.keyboard.press('Escape');
      await say(other, '**3시 회의실 B** 자료는 `\\\\share\\회의`\n- 초안\n- 일정\n```\nlet x = 1;\n```');
      await bubble(window, '회의실 B 자료').waitFor();
      await shot(window, 'signs');
      await say(window, '긴 글입니다. '.repeat(160));
      await bubble(window, '긴 글입니다').waitFor();
      await shot(window, 'folded');
      await window.getByRole('textbox').fill('가'.repeat(3990));
      await shot(window, 'chat-long');
      await window.getByRole('textbox').fill('');

      const row = window.locator('.said', { hasText: '초안 가지고' });
      await row.hover();
      await row.locator('[data-act=menu]').click();
      await shot(window, 'message-menu');
      await window.locator('[data-do=reply]').click();
      await shot(window, 'replying');
      await window.keyboard.press('Escape');
      await other.locator('.said', { hasText: '초안 가지고' }).hover();
      await other.locator('.said', { hasText: '초안 가지고' }).locator('[data-act=menu]').click();
      await other.locator('[data-do="👍"]').click();
      await say(window, '잘못 보낸 글');
      await window.locator('.said', { hasText: '잘못 보낸' }).hover();
      await window.locator('.said', { hasText: '잘못 보낸' }).locator('[data-act=menu]').click();
      await window.locator('[data-ask=recall]').click();
      await shot(window, 'recalling');
      await window.locator('[data-do=recall]').click();
      await window.locator('.gone').waitFor();
      await shot(window, 'chat-changed');
      await window.locator('.more summary').click();
      await shot(window, 'conversation-menu');
      await window.locator('[data-do=date]').click();
      await shot(window, 'to-date');
      await window.keyboard.press('Escape');
      await minsu.locator('.new-group').click();
      await minsu.locator('.picker label', { hasText: '이영희' }).click();
      await minsu.locator('.picker label', { hasText: '최지우' }).click();
      await minsu.locator('#picker-title').fill('점심 모임');
      await shot(minsu, 'new-group');
      await minsu.locator('.picker .primary').click();
      await minsu.locator('.chat').waitFor();
      await say(minsu, '12시에 로비에서 봐요');
      await shot(minsu, 'group');
      await minsu.locator('.back').click();
      await minsu.locator('#tab-rooms').click();
      await minsu.locator('input[type=search]').fill('회의');
      await minsu.locator('.hit').first().waitFor();
      await shot(minsu, 'search');
      await minsu.locator('input[type=search]').fill('없는 말');
      await minsu.waitForTimeout(600);
      await shot(minsu, 'search-nothing');
      await minsu.locator('input[type=search]').fill('');

      const wideContext = await browserOf({ ...options, viewport: wide });
      const wideMinsu = await wideContext.newPage();
      await signIn(wideMinsu, server, 'minsu');
      await hydrated(wideMinsu);
      await shot(wideMinsu, 'wide-empty');
      await wideMinsu.goto(`${server.url}/?room=${window.url().split('/').pop()}`);
      await hydrated(wideMinsu);
      await wideMinsu.locator('#tab-rooms').click();
      await shot(wideMinsu, 'wide');
      await decide(wideMinsu, 'theme=contrast&size=4');
      await wideMinsu.reload();
      await hydrated(wideMinsu);
      await shot(wideMinsu, 'wide-contrast');

      await server.stop('SIGKILL');
      await window.locator('.lost:visible').waitFor();
      await say(window, '끊긴 동안 쓴 글');
      await bubble(window, '끊긴 동안 쓴 글').waitFor();
      await shot(window, 'chat-lost');
    });
  }
}
