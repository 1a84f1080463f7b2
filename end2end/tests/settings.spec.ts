// Settings: of the user, of the device, with and without the dialog.
import { expect, isAccessible, popup, signIn, test, DEMO_PASSWORD } from '../stage';

test('settings open over the list, hold at once in all windows, and follow the person to other browsers', async ({ person, browserOf, server }) => {
  const minsu = await person('minsu');
  const other = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  await window.locator('#composer').fill('쓰다 만 글');
  await minsu.bringToFront();
  await minsu.getByRole('link', { name: '설정', exact: true }).click();
  const settings = minsu.getByRole('dialog', { name: '설정' });
  await expect(settings.getByRole('group', { name: /글자 크기.*이 기기/ })).toBeVisible();
  await expect(settings.locator('form[action="/api/settings"] [type=submit]'), 'choices hold at once').toHaveCount(0);
  await isAccessible(minsu);
  await settings.getByLabel('어둡게').check();
  for (const page of [minsu, window, other]) await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(settings.getByRole('status')).toHaveText('저장했습니다.');
  await settings.getByLabel('더 크게').check();
  for (const page of [minsu, window]) await expect(page.locator('html')).toHaveAttribute('data-size', '4');
  await settings.getByLabel('줄 바꿈 (Ctrl+Enter로 보내기)').check();
  await expect(settings.getByRole('status')).toHaveText('저장했습니다.');
  await minsu.keyboard.press('Escape');
  await expect(settings).toHaveCount(0);
  await expect(minsu.getByRole('link', { name: '설정', exact: true })).toBeFocused();
  expect(new URL(minsu.url()).pathname).toBe('/');
  await window.locator('#composer').press('Enter');
  await expect(window.locator('#composer')).toHaveValue('쓰다 만 글\n');

  await expect(other.locator('html')).toHaveAttribute('data-size', '2');
  // A browser that signs in later, observed from its first page.
  const context = await browserOf();
  const later = await context.newPage();
  await signIn(later, server, 'minsu', DEMO_PASSWORD);
  await expect(later.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(later.locator('html')).toHaveAttribute('data-size', '2');
  const cookie = (await context.cookies()).find(({ name }) => name === 'daehwa_settings')!.value;
  expect(cookie.split('&')).toEqual(expect.arrayContaining(['theme.dark', 'enter.break']));
});

test('a name and a device are changed in the dialog, and a refusal says why', async ({ person, expectedErrors }) => {
  // The wrong password, and the sockets of the other device.
  expectedErrors.push(/401/);
  const minsu = await person('minsu');
  await person('minsu');
  await minsu.getByRole('link', { name: '설정', exact: true }).focus();
  await minsu.keyboard.press('Enter');
  const settings = minsu.getByRole('dialog', { name: '설정' });
  await settings.locator('#name').fill('김민수 과장');
  await settings.locator('#name').press('Enter');
  await expect(settings.getByRole('status')).toHaveText('저장했습니다.');
  await expect(minsu.locator('.side > .bar p')).toContainText('김민수 과장');
  // A second time: the focus stays at the button, and the same words are a new text for screen readers.
  const save = settings.locator('form[action="/api/name"]').getByRole('button', { name: '저장' });
  await expect(save).toBeFocused();
  const announced = await settings.getByRole('status').evaluateHandle((status) => {
    const announced: string[] = [];
    new MutationObserver(() => announced.push(status.textContent ?? '')).observe(status, { childList: true, characterData: true, subtree: true });
    return announced;
  });
  await minsu.keyboard.press('Enter');
  await expect.poll(() => announced.jsonValue()).toEqual(['', '저장했습니다.']);
  await expect(save).toBeFocused();
  await settings.locator('#password').fill('wrong password');
  await settings.locator('#new_password').fill('another password');
  await settings.getByRole('button', { name: '비밀번호 바꾸기' }).click();
  await expect(settings.getByRole('status')).toHaveText('아이디 또는 비밀번호가 올바르지 않습니다.');
  await expect(settings.locator('.device')).toHaveCount(2);
  await settings.getByRole('button', { name: '다른 기기 모두 로그아웃시키기' }).click();
  await expect(settings.locator('.device')).toHaveCount(1);
  expect(new URL(minsu.url()).pathname).toBe('/');
});

// Both are in the browser's cookie, which each answer replaces.
test('settings of the device that change faster than the server answers all stay', async ({ person, server }) => {
  const minsu = await person('minsu');
  await minsu.route('**/api/settings', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  const kept = async () => (await minsu.context().cookies()).find(({ name }) => name === 'daehwa_settings')?.value.split('&') ?? [];
  await minsu.getByRole('link', { name: '설정', exact: true }).click();
  const settings = minsu.getByRole('dialog', { name: '설정' });
  await settings.getByLabel('더 크게').check();
  await settings.getByLabel('이 화면에서').check();
  // Pending choices are sent even after the dialog is closed.
  await minsu.keyboard.press('Escape');
  await expect.poll(kept).toEqual(expect.arrayContaining(['size.4', 'place.here']));

  await minsu.goto(`${server.url}/settings`);
  await minsu.getByLabel('보통', { exact: true }).check();
  await minsu.getByLabel('새 창으로').check();
  await expect.poll(kept).toEqual(expect.arrayContaining(['size.2', 'place.window']));
});

test('settings work without script', async ({ person, browserOf, server }) => {
  const minsu = await person('minsu');
  const context = await browserOf({ javaScriptEnabled: false });
  await context.addCookies(await minsu.context().cookies());
  const plain = await context.newPage();
  await plain.goto(`${server.url}/settings`);
  await plain.getByLabel('어둡게').check();
  await plain.getByRole('button', { name: '저장' }).first().click();
  await expect(plain.getByText('저장했습니다.')).toBeVisible();
  await expect(plain.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(minsu.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a change of the language reaches the other windows, unless that would lose a text', async ({ person }) => {
  const minsu = await person('minsu');
  const window = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  const writing = await popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  await writing.locator('#composer').fill('쓰다 만 글');
  await minsu.bringToFront();
  await minsu.getByRole('link', { name: '설정', exact: true }).click();
  await minsu.getByRole('dialog', { name: '설정' }).getByRole('button', { name: 'English' }).click();
  for (const page of [minsu, window]) await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(writing.locator('html')).toHaveAttribute('lang', 'ko');
  await writing.locator('#composer').fill('');
  await writing.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(writing.locator('html')).toHaveAttribute('lang', 'en');
});

test('after a change of the language the settings are open again at the language, once', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(minsu.locator('#composer')).toBeVisible();
  const here = minsu.url();
  await minsu.getByRole('link', { name: '설정', exact: true }).click();
  await minsu.getByRole('dialog', { name: '설정' }).getByRole('button', { name: 'English' }).press('Enter');
  const settings = minsu.getByRole('dialog', { name: 'Settings' });
  await expect(settings.getByRole('button', { name: 'English' })).toBeFocused();
  expect(minsu.url()).toBe(here);
  await minsu.keyboard.press('Escape');
  await expect(settings).toHaveCount(0);
  await expect(minsu.getByRole('link', { name: 'Settings', exact: true })).toBeFocused();
  await minsu.reload();
  await expect(minsu.locator('#composer')).toBeFocused();
  await expect(minsu.getByRole('dialog')).toHaveCount(0);
});
