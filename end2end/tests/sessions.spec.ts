// The account of a window: the behaviour of windows when it changes, when the network fails, and while they are hidden.
import type { Page } from '@playwright/test';
import { PASSWORD, bubble, decide, expect, fill, hydrated, menuOf, pair, popup, say, signIn, test } from '../stage';

const lost = /WebSocket connection to .* failed/;
const refused = /Failed to load resource: .* (401|409)/;

/** Hides the window, or shows it again. */
function hide(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible'), configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
}

/** Records the system notifications, shown and closed. */
function spy(): void {
  (window as any).notices = [];
  (window as any).Notification = class {
    static permission = 'granted';
    constructor(public title: string, public options: { body: string }) { (window as any).notices.push(`${title}: ${options.body}`); }
    close() { (window as any).notices.push(`closed ${this.options.body}`); }
  };
}

const notices = (page: Page) => page.evaluate(() => (window as any).notices as string[]);

test('a window shows nothing of another account that signs in, and keeps its person\'s text', async ({ keptPair, expectedErrors }) => {
  expectedErrors.push(lost, refused);
  const { server, minsu } = await keptPair();
  const minsus = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await minsus.locator('#composer').fill('민수가 쓰다 만 글');
  const other = await minsu.context().newPage();
  await signIn(other, server, 'younghee', PASSWORD);
  for (const page of [minsu, minsus]) {
    await expect(page.getByRole('heading', { name: '다른 계정으로 로그인했습니다' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText('김민수 (minsu)');
    await expect(page.getByRole('alert')).toContainText(/이영희 \(younghee\).?님이 로그인해/);
  }
  await minsu.getByRole('link', { name: /이영희 .*님으로 계속/ }).click();
  await hydrated(minsu);
  await expect(minsu.locator('.row.me')).toContainText('이영희');
  await minsu.locator('button.row', { hasText: '김민수' }).click();
  await expect(minsu.getByText('민수가 쓰다 만 글')).toHaveCount(0);
  // The server refuses a form of a page of the other account.
  const answer = await other.request.post(`${server.url}/api/name`, {
    form: { name: '바뀐 이름', as: '01931d5c-8a00-7000-8000-000000000001' }, headers: { origin: server.url, accept: 'application/json' },
  });
  expect(answer.status()).toBe(409);
  await other.getByRole('button', { name: '로그아웃' }).click();
  await signIn(other, server, 'minsu', PASSWORD);
  await hydrated(other);
  const again = await popup(other, () => other.locator('button.row', { hasText: '이영희' }).click());
  await expect(again.locator('#composer')).toHaveValue('민수가 쓰다 만 글');
});

test('a new password keeps the windows of this browser, and says in others why their session ended', async ({ keptPair, browserOf, expectedErrors }) => {
  expectedErrors.push(lost, refused);
  const { server, minsu } = await keptPair();
  const minsus = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  const device = await (await browserOf()).newPage();
  await signIn(device, server, 'minsu', PASSWORD);
  await hydrated(device);
  const settings = await minsu.context().newPage();
  await settings.goto(`${server.url}/settings`);
  await settings.locator('#password').fill(PASSWORD);
  await settings.locator('#new_password').fill('better horse');
  await settings.getByRole('button', { name: '비밀번호 바꾸기' }).click();
  await expect(settings.getByText('저장했습니다.')).toBeVisible();
  await expect(device).toHaveURL(/\/sign_in\?why=password_changed/);
  await expect(device.getByText('비밀번호가 바뀌어 로그아웃되었습니다.')).toBeVisible();
  await say(minsus, '계속 씁니다');
  await expect(bubble(minsus, '계속 씁니다')).toHaveAttribute('data-state', 'sent');
  await expect(minsu).toHaveURL(`${server.url}/`);
  // A window that shows the sign-in form returns to its room.
  await minsus.goto(`${server.url}/sign_in`);
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsus).toHaveURL(/\/rooms\//);
  await expect(bubble(minsus, '계속 씁니다')).toBeVisible();
});

test('the settings page keeps a person online and receives notices; its times are in the browser\'s zone', async ({ person, browserOf, server }) => {
  const york = { timezoneId: 'America/New_York' };
  const minsu = await person('minsu', york);
  const cheolsu = await person('cheolsu');
  await minsu.goto(`${server.url}/settings`);
  await hydrated(minsu);
  const clock = await minsu.locator('[data-at]').first().evaluate((at: HTMLElement) => {
    const time = new Date(Number(at.dataset.at));
    return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  });
  await expect(minsu.locator('.device').first()).toContainText(clock);
  const row = cheolsu.locator('button.row', { hasText: '김민수 (minsu)' });
  await expect(row.locator('.dot')).toHaveText('온라인');
  const cheolsus = await popup(cheolsu, () => row.click());
  await say(cheolsus, '설정을 보는 동안');
  await expect(minsu).toHaveTitle(/^\(\d+\) 설정/);
  const toast = minsu.locator('.toast', { hasText: '설정을 보는 동안' });
  const opened = await popup(minsu, () => toast.getByRole('button', { name: '열기' }).click());
  await expect(bubble(opened, '설정을 보는 동안')).toBeVisible();
  await expect(minsu.getByLabel('어둡게')).toBeVisible();
  // Without the program the page names the zone.
  const plain = await (await browserOf({ javaScriptEnabled: false, ...york })).newPage();
  await signIn(plain, server, 'younghee');
  await plain.goto(`${server.url}/settings`);
  await expect(plain.locator('.device').first()).toContainText('(한국 시간)');
});

test('a lost network shows at once, and the window reconnects when the network or the person asks', async ({ person, expectedErrors }) => {
  expectedErrors.push(lost, /ERR_INTERNET_DISCONNECTED/, /Failed to load resource/);
  const minsu = await person('minsu');
  let cut = false;
  await minsu.context().routeWebSocket(/./, (route) => { if (cut) route.close({ code: 3001 }); else route.connectToServer(); });
  // The delay is a random part of the longest one, which is made so long that only the button reconnects.
  await minsu.addInitScript(() => {
    const random = Math.random;
    Math.random = () => ((window as any).isFar ? 1_000 : random());
  });
  await minsu.reload();
  await hydrated(minsu);
  const dot = minsu.locator('.side .bar .dot');
  await expect(dot).toHaveText('온라인');
  const banner = minsu.getByText('연결이 끊겼습니다.');
  cut = true;
  await minsu.evaluate(() => {
    (window as any).isFar = true;
    dispatchEvent(new Event('offline'));
  });
  await expect(banner).toBeVisible({ timeout: 1_000 });
  await expect(dot).toHaveText('오프라인');
  cut = false;
  await minsu.getByRole('button', { name: '지금 다시 연결' }).click();
  await expect(banner).toBeHidden({ timeout: 2_000 });
  await expect(minsu.locator('.side .connection')).toHaveText('다시 연결되었습니다.');
  await expect(minsu.locator('.side .connection')).toBeEmpty();
  await expect(dot).toHaveText('온라인');
});

for (const [where, viewport] of [['next to the list', { width: 1280, height: 800 }], ['on a phone', { width: 360, height: 740 }]] as const) {
  test(`a lost connection is shown and announced once ${where}, however often it is tried again`, async ({ person, expectedErrors }) => {
    expectedErrors.push(lost, /ERR_INTERNET_DISCONNECTED/, /Failed to load resource/);
    const minsu = await person('minsu', { viewport });
    await decide(minsu, 'place=here');
    let cut = false;
    await minsu.context().routeWebSocket(/./, (route) => { if (cut) route.close({ code: 3001 }); else route.connectToServer(); });
    await minsu.reload();
    await hydrated(minsu);
    await minsu.getByRole('tab', { name: '사람' }).click();
    await minsu.locator('button.row', { hasText: '박철수' }).click();
    await expect(minsu.locator('#composer')).toBeVisible();
    // Records the texts of the live regions, change by change.
    await minsu.evaluate(() => {
      const announced: string[] = (window as any).announced = [];
      for (const region of document.querySelectorAll('.connection')) {
        new MutationObserver(() => { if (region.checkVisibility()) announced.push((region.textContent ?? '').slice(0, 10)); }).observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    const shown = minsu.locator('.connection').filter({ hasText: '연결이 끊겼습니다.' }).filter({ visible: true });
    cut = true;
    await minsu.evaluate(() => dispatchEvent(new Event('offline')));
    await expect(shown).toHaveCount(1);
    await minsu.waitForTimeout(3_000);
    cut = false;
    await minsu.evaluate(() => dispatchEvent(new Event('online')));
    await expect(minsu.locator('.connection').filter({ hasText: '다시 연결되었습니다.' }).filter({ visible: true })).toHaveCount(1);
    await expect(minsu.locator('.connection').filter({ hasText: /./ })).toHaveCount(0);
    const announced: string[] = await minsu.evaluate(() => (window as any).announced.filter((text: string) => text.length > 0));
    expect(announced.filter((text, at) => text !== announced[at - 1])).toEqual(['연결이 끊겼습니다.', '다시 연결되었습니다']);
  });
}

test('a room in a hidden window gives notices, and a recall withdraws them everywhere', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1300, height: 800 } });
  await decide(minsu, 'place=here&notices=on&quiet=off');
  await minsu.context().addInitScript(spy);
  const cheolsu = await person('cheolsu');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await minsu.reload();
  await hydrated(minsu);
  await expect(minsu.locator('#composer')).toBeVisible();
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '김민수 (minsu)' }).click());
  await hide(minsu, true);
  await say(cheolsus, '보지 않을 때 온 암호 장미');
  await expect.poll(() => notices(minsu)).toEqual(['박철수: 보지 않을 때 온 암호 장미']);
  await expect(minsu.locator('.toast')).toHaveCount(0);
  const recall = async (text: string) => {
    await (await menuOf(cheolsus, text)).getByRole('button', { name: '회수' }).click();
    await cheolsus.getByRole('button', { name: '회수' }).last().click();
  };
  await say(cheolsus, '다음 장미');
  await expect.poll(() => notices(minsu)).toContain('박철수: 다음 장미');
  await recall('다음 장미');
  await expect.poll(() => notices(minsu)).toContain('closed 다음 장미');

  await hide(minsu, false);
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.getByRole('searchbox').fill('장미');
  await expect(minsu.locator('.hit')).toHaveCount(1);
  await (await menuOf(minsu, '암호 장미')).getByRole('button', { name: '답장' }).click();
  await expect(minsu.locator('.mode')).toContainText('암호 장미');
  await recall('암호 장미');
  await expect(minsu.locator('.hit')).toHaveCount(0);
  await expect(minsu.locator('.mode')).toBeHidden();
  await expect(minsu.locator('.done')).toHaveText('박철수님에게 답장 · 회수된 메시지입니다.');
  await expect(minsu.getByText('암호 장미')).toHaveCount(0);
});

test('a muted room gives no notice of an invitation; a toast names its group; a card opens the room of its person', async ({ person }) => {
  const minsu = await person('minsu');
  const jiwoo = await person('jiwoo');
  await minsu.getByRole('button', { name: '최지우 정보 보기' }).click();
  const card = minsu.getByRole('dialog', { name: '최지우' });
  const minsus = await popup(minsu, () => card.getByRole('button', { name: '대화하기' }).click());
  await expect(card).toHaveCount(0);
  await expect(minsus.getByRole('heading', { name: '최지우' })).toBeVisible();
  await minsus.locator('.more summary').click();
  await minsus.getByRole('button', { name: '알림 끄기' }).click();
  await minsus.locator('.more summary').click();
  await expect(minsus.locator('.more [data-do=notify]')).toHaveText('알림 켜기');
  await minsus.close();

  const jiwoos = await popup(jiwoo, () => jiwoo.locator('button.row', { hasText: '김민수 (minsu)' }).click());
  await jiwoos.close();
  await jiwoo.getByRole('button', { name: '그룹 만들기' }).click();
  const picker = jiwoo.getByRole('dialog', { name: '그룹 만들기' });
  await picker.getByRole('checkbox', { name: /김민수\s*minsu\b/ }).check();
  await picker.getByLabel('그룹 이름').fill('산책 모임');
  await picker.getByRole('button', { name: '만들기' }).click();
  const toast = minsu.locator('.toast', { hasText: '산책 모임' });
  await expect(toast).toContainText('최지우');
  await say(jiwoo, '그룹에서 하는 말');
  await expect(toast).toContainText('그룹에서 하는 말');
  await expect(minsu.locator('.toast')).toHaveCount(1);
});

test('an open list changes to a new day', async ({ server, browserOf }) => {
  const page = await (await browserOf()).newPage();
  await page.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() + ((window as any).later ?? 0);
  });
  await signIn(page, server, 'minsu');
  await hydrated(page);
  await page.getByRole('tab', { name: '대화' }).click();
  const time = page.locator('#panel-rooms .time').first();
  await expect(time).toHaveText(/^\d\d:\d\d$/);
  await page.evaluate(() => {
    (window as any).later = 24 * 3_600_000;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await expect(time).toHaveText('어제');
});
