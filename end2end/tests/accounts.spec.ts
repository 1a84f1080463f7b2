import { PASSWORD, expect, hydrated, signIn, test } from '../stage';

test('sign-in, register and sign-out work with our program blocked', async ({ server, browserOf }) => {
  const context = await browserOf({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.url}/`);
  await expect(page).toHaveURL(/\/sign_in$/);
  await page.locator('#login').fill('minsu');
  await page.locator('#password').fill('wrong');
  await page.getByRole('button', { name: '로그인' }).click();
  await expect(page.getByRole('alert')).toHaveText('아이디 또는 비밀번호가 올바르지 않습니다.');
  await expect(page.locator('#login')).toHaveValue('minsu');
  await page.locator('#password').fill('daehwa');
  await page.getByRole('button', { name: '로그인' }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByText('이영희').first()).toBeVisible();
  await expect(page.getByText('아이고, 고맙습니다.')).toBeVisible();
  await page.locator('button.row', { hasText: '박철수' }).click();
  await expect(page).toHaveURL(/\/rooms\//);
  await expect(page.getByText('민원 처리 현황')).toBeVisible();
  await page.goto(`${server.url}/`);
  await page.getByRole('button', { name: '로그아웃' }).click();
  await expect(page).toHaveURL(/\/sign_in$/);
});

test('on a slow network the sign-in shows its progress and is sent once', async ({ server, browserOf }) => {
  const context = await browserOf();
  const page = await context.newPage();
  let sent = 0;
  let answer = () => {};
  const answered = new Promise<void>((resolve) => { answer = resolve; });
  await page.route('**/api/sign_in', async (route) => {
    sent += 1;
    await answered;
    await route.continue();
  });
  await page.goto(`${server.url}/sign_in`);
  await page.locator('#login').fill('minsu');
  await page.locator('#password').fill('daehwa');
  // During a navigation the page does not answer.
  await page.evaluate(() => {
    const button = document.querySelector<HTMLButtonElement>('form[action="/api/sign_in"] button')!;
    const write = () => { sessionStorage.said = `${button.textContent} ${button.disabled} ${button.ariaBusy}`; };
    new MutationObserver(write).observe(button, { attributes: true, childList: true });
  });
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect.poll(() => sent).toBe(1);
  answer();
  await page.waitForURL(`${server.url}/`);
  expect(await page.evaluate(() => sessionStorage.said)).toBe('로그인하는 중… true true');
  expect(sent).toBe(1);
});

test('an account of the demonstration fills the form, without our program too', async ({ server, browserOf }) => {
  const page = await (await browserOf({ javaScriptEnabled: false })).newPage();
  await page.goto(`${server.url}/shortcuts`);
  await page.goto(`${server.url}/sign_in?next=%2Fsettings`);
  await expect(page.locator('#login')).toHaveValue('');
  await expect(page.locator('#login')).toBeFocused();
  await page.getByRole('button', { name: 'younghee 이영희' }).click();
  await expect(page.locator('#login')).toHaveValue('younghee');
  await expect(page.getByRole('button', { name: '로그인' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/settings`);
  await page.context().clearCookies();
  await page.goto(`${server.url}/sign_in?login=stranger`);
  await expect(page.locator('#login')).toHaveValue('stranger');
  await expect(page.locator('#password')).toHaveValue('');
  await expect(page.locator('#password')).toBeFocused();
});

test('with only WebAssembly blocked, signing in works as well', async ({ server, browserOf, expectedErrors }) => {
  expectedErrors.push(/Failed to load resource/, /WebAssembly/, /TypeError/);
  const context = await browserOf();
  await context.route(/\.wasm/, (route) => route.abort());
  const page = await context.newPage();
  await signIn(page, server, 'minsu');
  await expect(page.getByText('이영희').first()).toBeVisible();
  await page.locator('button.row', { hasText: '박철수' }).click();
  await expect(page.getByText('민원 처리 현황')).toBeVisible();
});

test('the form creates the first account, the operator all others', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  const page = await (await browserOf()).newPage();
  for (const path of ['/entry', '/']) {
    await page.goto(server.url + path);
    await expect(page.getByText('아직 계정이 없습니다.')).toBeVisible();
  }
  await page.getByRole('link', { name: '첫 번째 계정 만들기' }).click();
  await expect(page.getByText('첫 번째 계정을 만듭니다.')).toBeVisible();
  await page.locator('#login').fill('minsu');
  await page.locator('#name').fill('김민수');
  await page.locator('#password').fill('짧은거');
  await page.getByRole('button', { name: '계정 만들기' }).click();
  await expect(page.getByRole('alert')).toContainText('8자 이상');
  await expect(page.locator('#name')).toHaveValue('김민수');
  await page.locator('#password').fill(PASSWORD);
  await page.getByRole('button', { name: '계정 만들기' }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  const [people, rooms] = [page.locator('#panel-people'), page.locator('#panel-rooms')];
  await expect(people.getByText('대화할 상대가 없습니다.')).toBeVisible();
  await expect(people.getByText('daehwa user add')).toBeVisible();
  await page.locator('#tab-rooms').click();
  await expect(rooms.getByText('대화할 상대가 없습니다.')).toBeVisible();
  await page.locator('#tab-people').click();
  const visitor = await (await browserOf()).newPage();
  await visitor.goto(server.url);
  await expect(visitor.getByText('아직 계정이 없습니다.')).toHaveCount(0);
  await visitor.goto(`${server.url}/register`);
  await expect(visitor.getByText('관리자가 만듭니다')).toBeVisible();
  const second = await page.context().newPage();
  await second.goto(`${server.url}/register?error=registration_closed`);
  await expect(second.getByText('김민수님으로 로그인되어 있습니다.')).toBeVisible();
  await expect(second.getByText('관리자가 만듭니다')).toHaveCount(0);
  await second.getByRole('link', { name: '계속하기' }).click();
  await expect(second).toHaveURL(`${server.url}/`);
  server.addPerson('younghee', '이영희');
  await expect(page.locator('button.row', { hasText: '이영희' })).toBeVisible();
});

test('signing out in one window closes the others', async ({ person, expectedErrors }) => {
  // The other window probes the session before it leaves.
  expectedErrors.push(/status of 401/);
  const minsu = await person('minsu');
  const other = await minsu.context().newPage();
  await other.goto(minsu.url());
  await hydrated(other);
  await minsu.getByRole('button', { name: '로그아웃' }).click();
  await expect(other).toHaveURL(/\/sign_in/);
});

test('the language follows the browser and can be changed', async ({ server, browserOf }) => {
  const page = await (await browserOf({ locale: 'en-US' })).newPage();
  await page.goto(`${server.url}/sign_in`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('button', { name: '한국어' }).click();
  await expect(page.getByRole('heading', { name: '로그인' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
});

test('the addresses of the original redirect to ours', async ({ person, server }) => {
  const minsu = await person('minsu');
  await minsu.goto(`${server.url}/cop/msg/websocketMessengerView.do`);
  await expect(minsu.getByText('김민수님, 메신저에 접속 합니다.')).toBeVisible();
  await minsu.getByRole('link', { name: '메신저 접속' }).click();
  await expect(minsu.getByRole('tab', { name: /사람/ })).toBeVisible();
});
