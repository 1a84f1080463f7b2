import { bubble, decide, expect, fill, hydrated, pair, popup, say, signIn, test } from '../stage';

test('two people sign in, see each other, open a room and exchange messages', async ({ person }) => {
  const minsu = await person('minsu');
  const row = minsu.locator('#panel-people .row', { hasText: '박철수' });
  await expect(minsu.locator('#panel-people').getByText('(나)')).toHaveCount(1);
  await expect(row.locator('.dot')).toHaveText('오프라인');
  const cheolsu = await person('cheolsu');
  await expect(row.locator('.dot')).toHaveText('온라인');

  const minsus = await popup(minsu, () => row.click());
  const partner = minsus.locator('.chat .bar').getByRole('status');
  await expect(partner).toHaveText('온라인');
  // Opening a room without posting does not notify the other user.
  const toast = cheolsu.getByRole('status', { name: '알림' });
  await cheolsu.waitForTimeout(1_500);
  await expect(toast).toHaveText('');
  await say(minsus, '계신가요?');
  await expect(toast.getByText('계신가요?')).toBeVisible();
  const cheolsus = await popup(cheolsu, () => toast.getByRole('button', { name: '열기' }).click());
  await expect(minsus.getByText('박철수님과 대화중입니다.')).toBeVisible();
  await expect(cheolsus.getByText('김민수 (minsu)님과 대화중입니다.')).toBeVisible();

  await say(minsus, '안녕하세요.\n<b>굵게</b> 아님');
  await expect(bubble(cheolsus, '<b>굵게</b> 아님')).toBeVisible();
  await expect(bubble(minsus, '굵게')).toHaveClass(/mine/);
  await expect(bubble(cheolsus, '굵게')).not.toHaveClass(/mine/);
  await expect(bubble(minsus, '굵게')).toHaveAttribute('data-state', 'sent');
  await cheolsus.getByRole('textbox').fill('네, 반갑습니다');
  await cheolsus.getByRole('button', { name: '보내기' }).click();
  await expect(bubble(minsus, '반갑습니다')).toHaveCount(1);
  await expect(minsus.getByText('1명이 읽지 않음')).toHaveCount(0);

  await Promise.all([cheolsus.waitForEvent('close'), cheolsus.getByRole('button', { name: '나가기' }).click()]);
  await expect(partner).toHaveText('온라인');
  await minsus.reload();
  await expect(bubble(minsus, '반갑습니다')).toHaveCount(1);
});

test('several windows are open at once, and a second click focuses the same one', async ({ person }) => {
  const minsu = await person('minsu');
  await person('cheolsu');
  await person('jiwoo');
  const first = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await first.getByRole('textbox').fill('쓰다 만 글');
  const second = await popup(minsu, () => minsu.locator('button.row', { hasText: '최지우' }).click());
  expect(second.url()).not.toBe(first.url());
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await minsu.waitForTimeout(500);
  expect(minsu.context().pages()).toHaveLength(3);
  await expect(first.getByRole('textbox')).toHaveValue('쓰다 만 글');
});

test('people of the same name are shown with their login and are two people', async ({ person }) => {
  const younghee = await person('younghee');
  await person('minsu');
  const other = await person('minsu2');
  const row = younghee.locator('button.row', { hasText: 'minsu2' });
  await expect(row).toContainText('김민수 (minsu2)');
  const window = await popup(younghee, () => row.click());
  await say(window, '감사담당관실 민수님');
  const toast = other.getByRole('status', { name: '알림' });
  await expect(toast.getByText('감사담당관실 민수님')).toBeVisible();
  await younghee.getByRole('tab', { name: '대화' }).click();
  await expect(younghee.getByRole('link', { name: /감사담당관실 민수님/ })).toContainText('김민수 (minsu2)');
});

test('a message to an offline person waits, with a badge and a count in the title', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await say(window, '돌아오시면 봐 주세요');
  await expect(bubble(window, '돌아오시면 봐').getByText('1명이 읽지 않음')).toBeAttached();

  const cheolsu = await person('cheolsu');
  await expect(cheolsu).toHaveTitle('(1) 대화');
  await cheolsu.getByRole('tab', { name: /대화/ }).click();
  const row = cheolsu.getByRole('link', { name: /돌아오시면 봐/ });
  await expect(row.getByText('읽지 않은 메시지 1개')).toBeAttached();
  const read = await popup(cheolsu, () => row.click());
  await expect(read.getByText('여기부터 새 메시지')).toBeVisible();
  await expect(cheolsu).toHaveTitle('대화');
  await expect(bubble(window, '돌아오시면 봐').getByText('1명이 읽지 않음')).toHaveCount(0);
});

test('a room opens next to the list, and "back" closes it', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await minsu.getByRole('link', { name: '설정', exact: true }).click();
  await minsu.getByLabel('이 화면에서').check();
  await expect(minsu.getByText('저장했습니다.')).toBeVisible();
  await minsu.keyboard.press('Escape');
  await expect(minsu.getByText('저장했습니다.')).toHaveCount(0);
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu).toHaveURL(/\?room=/);
  await expect(bubble(minsu, '회의실 B로 옮겼어요')).toBeVisible();
  await say(minsu, '알겠습니다');
  await expect(bubble(minsu, '알겠습니다')).toHaveAttribute('data-state', 'sent');
  await minsu.reload();
  await hydrated(minsu);
  await expect(bubble(minsu, '알겠습니다')).toHaveCount(1);
  await minsu.keyboard.press('Escape');
  await expect(minsu).not.toHaveURL(/\?room=/);
});

test('a phone opens rooms in the same window', async ({ person }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '이영희' }).tap();
  await expect(bubble(minsu, '회의실 B로 옮겼어요')).toBeVisible();
  await minsu.getByRole('button', { name: '목록으로' }).tap();
  await expect(minsu.locator('button.row', { hasText: '이영희' })).toBeVisible();
});

test('scrolling back loads earlier messages and keeps the position', async ({ person, browserOf, server }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  for (let number = 1; number <= 70; number++) {
    await say(window, `메시지 ${number}.`);
    if (number % 10 === 0) await expect(bubble(window, `메시지 ${number}.`)).toHaveAttribute('data-state', 'sent');
  }
  await window.reload();
  await hydrated(window);
  const log = window.getByRole('log');
  await expect(bubble(window, '메시지 70.')).toBeInViewport();
  await expect(bubble(window, '메시지 5.')).toHaveCount(0);
  await log.evaluate((element) => element.scrollTo(0, 100));
  await expect(bubble(window, '메시지 5.')).toHaveCount(1);
  await expect(bubble(window, '메시지 5.')).not.toBeInViewport();
  await expect(window.getByText('대화의 처음입니다.')).toHaveCount(1);

  const context = await browserOf();
  const cheolsu = await context.newPage();
  await signIn(cheolsu, server, 'cheolsu');
  await cheolsu.goto(window.url());
  await hydrated(cheolsu);
  await say(cheolsu, '지금 왔습니다');
  const button = window.getByRole('button', { name: /새 메시지/ });
  await expect(button).toBeVisible();
  await expect(bubble(window, '지금 왔습니다')).not.toBeInViewport();
  await button.click();
  await expect(bubble(window, '지금 왔습니다')).toBeInViewport();
});

test('the typing indicator is shown to the other person', async ({ person }) => {
  const minsu = await person('minsu');
  await person('cheolsu').then(async (cheolsu) => {
    const [minsus, cheolsus] = await pair(minsu, cheolsu);
    await cheolsus.getByRole('textbox').pressSequentially('음');
    await expect(minsus.getByText('박철수님이 입력하는 중…')).toBeVisible();
    await expect(minsus.getByText('박철수님이 입력하는 중…')).toHaveCount(0);
  });
});

test.describe('when the server restarts', () => {
  // The browser itself logs a refused connection.
  test.use({
    expectedErrors: async ({}, use) => use([/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/]),
  });

  test('all windows recover by themselves and no message is lost', async ({ keptPair }) => {
    const { server, minsu, younghee } = await keptPair();
    const [minsus, younghees] = await pair(minsu, younghee, '이영희');
    await say(minsus, '끊기기 전');
    await expect(bubble(younghees, '끊기기 전')).toBeVisible();

    await server.stop('SIGKILL');
    await expect(minsus.getByText('연결이 끊겼습니다.')).toBeVisible();
    await say(minsus, '끊긴 동안 1');
    await say(minsus, '끊긴 동안 2');
    await expect(bubble(minsus, '끊긴 동안 1')).toHaveAttribute('data-state', 'pending');
    await server.start(false);

    for (const text of ['끊긴 동안 1', '끊긴 동안 2']) {
      await expect(bubble(younghees, text)).toHaveCount(1, { timeout: 40_000 });
      await expect(bubble(minsus, text)).toHaveAttribute('data-state', 'sent', { timeout: 40_000 });
    }
    await expect(younghees.locator('.said .body')).toHaveText(['끊기기 전', '끊긴 동안 1', '끊긴 동안 2']);
    await expect(minsus.getByText('연결이 끊겼습니다.')).toBeHidden();
    await expect(minsu.locator('button.row', { hasText: '이영희' })).toBeVisible({ timeout: 40_000 });
  });
});

test('what lies below the first unread message is read when it was seen, also beside the list', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 700 } });
  const cheolsu = await person('cheolsu');
  await decide(minsu, 'place=here');
  const cheolsus = await popup(cheolsu, () => cheolsu.locator('button.row', { hasText: '김민수' }).last().click());
  await fill(cheolsus, Array.from({ length: 45 }, (_, number) => `줄 ${number}`));
  const newest = bubble(cheolsus, '줄 44').locator('.not-read');
  await expect(newest).toBeVisible();
  await minsu.goto(new URL('/', minsu.url()).href);
  await hydrated(minsu);
  await minsu.getByRole('tab', { name: '대화' }).click();
  await minsu.locator('a.row', { hasText: '박철수' }).click();
  await expect(minsu.locator('.new-from-here')).toBeInViewport();
  await expect(bubble(minsu, '줄 44')).not.toBeInViewport();
  // A receipt would have been sent earlier.
  await minsu.locator('#composer').pressSequentially('아직');
  await expect(cheolsus.getByText(/^김민수.*님이 입력하는 중/)).toBeVisible();
  await cheolsus.reload();
  await expect(newest).toBeVisible();
  await minsu.getByRole('log').focus();
  await minsu.keyboard.press('End');
  await expect(newest).toHaveCount(0);
});
