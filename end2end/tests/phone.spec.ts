// A phone: what a walk by touch found. Targets and long presses are in touch.spec.
import { bubble, DEMO_PASSWORD, expect, group, say, signIn, test } from '../stage';
import { chooseFiles, document as file } from '../files';

const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

test('while messages are selected, each row stays as high as its message', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  for (let line = 1; line <= 8; line++) await say(minsu, `${line}번째\n줄이 여럿인 글입니다.\n${'말 '.repeat(60)}`);
  await chooseFiles(minsu, [file('보고서.txt', 300)]);
  await minsu.locator('.send').tap();
  await expect(minsu.locator('.said .file')).toBeVisible();
  const covered = () => minsu.locator('.said').evaluateAll((rows) => rows
    .filter((row) => row.querySelector('.bubble')!.getBoundingClientRect().height > row.getBoundingClientRect().height + 1).length);
  expect(await covered()).toBe(0);
  await bubble(minsu, '8번째').locator('[data-act=menu]').tap();
  await minsu.locator('[data-do=select]').tap();
  await expect(minsu.locator('.selection-bar')).toBeVisible();
  expect(await covered()).toBe(0);
});

test('an edit takes no files and no options, and its Back ends it', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  await say(minsu, '고칠 글');
  await minsu.locator('.attach').tap();
  await minsu.getByRole('switch', { name: '확인 요청' }).tap();
  await expect(minsu.locator('.request-bar')).toBeVisible();
  await bubble(minsu, '고칠 글').locator('[data-act=menu]').tap();
  await minsu.locator('[data-do=edit]').tap();
  await expect(minsu.locator('.attach')).toBeHidden();
  await expect(minsu.locator('.request-bar')).toHaveCount(0);
  await minsu.goBack();
  await expect(minsu.getByText('메시지 수정')).toBeHidden();
  await expect(minsu.locator('.request-bar')).toBeVisible();
  await minsu.goBack();
  await expect(minsu.locator('.request-bar')).toHaveCount(0);
  await expect(minsu.locator('#composer')).toBeVisible();
});

test('the field fits its text after the phone was turned', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  const field = minsu.locator('#composer');
  await field.fill('가로로 쓰면 한 줄인 글이 세로에서는 여러 줄');
  const hidden = () => field.evaluate((field: HTMLTextAreaElement) => field.scrollHeight - field.clientHeight);
  for (const [width, height] of [[740, 360], [360, 740]]) {
    await minsu.setViewportSize({ width: width!, height: height! });
    await expect.poll(hidden).toBeLessThanOrEqual(0);
  }
});

test('two files whose names differ at the end can be told apart', async ({ person }) => {
  const minsu = await person('minsu', phone);
  await minsu.locator('button.row', { hasText: '박철수' }).tap();
  for (const number of [1, 2]) await chooseFiles(minsu, [file(`2026년 하반기 기획조정실 업무보고 ${number}차안.txt`, 300)]);
  await minsu.locator('.send').tap();
  const names = minsu.locator('.said .file-name');
  await expect(names).toHaveCount(2);
  for (const name of await names.all()) {
    expect(await name.evaluate((name) => name.scrollHeight - name.clientHeight), 'nothing is cut').toBeLessThanOrEqual(1);
  }
});

test('the sign-in form tells a signed-in user who they are, and no old error', async ({ person, server }) => {
  const minsu = await person('minsu', phone);
  await minsu.goto(`${server.url}/sign_in?error=credentials&login=minsu&next=%2Fsettings`);
  await expect(minsu.getByText('김민수님으로 로그인되어 있습니다.')).toBeVisible();
  await expect(minsu.locator('.form-error')).toHaveCount(0);
  await minsu.getByRole('link', { name: '계속하기' }).tap();
  await expect(minsu).toHaveURL(`${server.url}/settings`);
  for (const next of ['//example.com', '/\\example.com', 'https://example.com']) {
    await minsu.goto(`${server.url}/sign_in?next=${encodeURIComponent(next)}`);
    await expect(minsu.getByRole('link', { name: '계속하기' })).toHaveAttribute('href', '/');
  }
  // Another account may sign in here.
  await signIn(minsu, server, 'younghee', DEMO_PASSWORD);
});

test('the list says who wrote the last message of a group', async ({ person }) => {
  const [minsu, younghee] = [await person('minsu'), await person('younghee')];
  await group(minsu, ['이영희', '박철수'], '간식 모임');
  await say(minsu, '오늘 간식은?');
  const row = younghee.locator('#panel-rooms .row', { hasText: '간식 모임' });
  await expect(row).toContainText(/김민수.*: 오늘 간식은\?/);
  await expect(minsu.locator('#panel-rooms .row', { hasText: '간식 모임' })).toContainText('나: 오늘 간식은?');
});
