// The list and what stands beside it, in windows of all sizes.
import { bubble, decide, expect, hydrated, popup, say, test, PASSWORD, signIn } from '../stage';

test('rows hold still under the pointer and the focus, and catch up after', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  const names = { minsu: '김민수', kang: '강하늘', cheolsu: '박철수', jiwoo: '최지우' };
  for (const [login, name] of Object.entries(names)) server.addPerson(login, name);
  const open = async (login: string) => {
    const page = await (await browserOf()).newPage();
    await signIn(page, server, login, PASSWORD);
    await hydrated(page);
    return page;
  };
  const minsu = await open('minsu');
  const shown = minsu.locator('#panel-people .row-name bdi');
  const row = (name: string) => minsu.locator('#panel-people .row', { hasText: name });
  await expect(shown).toHaveText(['김민수', '강하늘', '박철수', '최지우']);
  await row('박철수').hover();
  const jiwoo = await open('jiwoo');
  await expect(row('최지우').locator('.dot')).toHaveText('온라인');
  await expect(shown).toHaveText(['김민수', '강하늘', '박철수', '최지우']);
  await minsu.mouse.move(200, 20);
  await expect(shown).toHaveText(['김민수', '최지우', '강하늘', '박철수']);

  await row('최지우').focus();
  await open('cheolsu');
  await expect(row('박철수').locator('.dot')).toHaveText('온라인');
  await expect(shown).toHaveText(['김민수', '최지우', '강하늘', '박철수']);
  await jiwoo.locator('.row.me').click();
  await jiwoo.getByLabel('다른 용무 중').check();
  await jiwoo.getByRole('button', { name: '저장' }).click();
  await expect(row('최지우').locator('.dot')).toHaveText('다른 용무 중');
  await expect(row('최지우')).toBeFocused();
  await minsu.getByRole('searchbox').focus();
  await expect(shown).toHaveText(['김민수', '박철수', '최지우', '강하늘']);
});

test('the dot says who is online, everywhere; who has a conversation open is said in words', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  await decide(minsu, 'place=here');
  const cheolsu = await person('cheolsu');
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  const header = minsu.locator('.chat .bar');
  await expect(header.locator('.dot')).toHaveText('온라인');
  await expect(header.getByRole('status')).toHaveText('지금 이 대화를 열어 둔 상대가 없습니다.');
  const cheolsus = await popup(cheolsu, () => cheolsu.getByRole('status', { name: '알림' }).getByRole('button', { name: '열기' }).click());
  await expect(header.getByRole('status')).toHaveText('박철수님과 대화중입니다.');
  await cheolsu.locator('.row.me').click();
  await cheolsu.getByLabel('다른 용무 중').check();
  await cheolsu.getByRole('button', { name: '저장' }).click();
  await expect(header.locator('.dot')).toHaveText('다른 용무 중');
  await expect(cheolsus.locator('.chat .bar .dot')).toHaveCount(0);
  await minsu.locator('button.row', { hasText: '최지우' }).click();
  await expect(header.locator('.dot')).toHaveText('오프라인');
  await expect(header.getByRole('status')).toHaveText('대화상대가 아무도 없습니다.');
});

test('a wide window whose conversations open elsewhere says so, and where that is changed', async ({ person }) => {
  const minsu = await person('minsu', { viewport: { width: 1280, height: 800 } });
  const stage = minsu.locator('.stage');
  await expect(stage.getByText('사람이나 대화를 선택하면 새 창에서 열립니다.')).toBeVisible();
  await expect(stage.getByText('대화를 선택하세요.')).toBeHidden();
  await stage.getByRole('link', { name: '설정' }).click();
  await minsu.getByLabel('이 화면에서').check();
  await expect(minsu.locator('html')).toHaveAttribute('data-place', 'here');
  await minsu.getByRole('link', { name: '메신저로 돌아가기' }).click();
  await expect(stage.getByText('대화를 선택하세요.')).toBeVisible();
  await expect(stage.getByRole('link')).toBeHidden();
});

test('on a phone nothing is cut or covered: the line under the name, times, a message\'s button', async ({ person }) => {
  const phone = { viewport: { width: 390, height: 844 }, screen: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const minsu = await person('minsu', phone);
  await minsu.getByRole('tab', { name: '대화' }).tap();
  const row = minsu.locator('#panel-rooms .row-item', { hasText: '이영희' });
  const [time, pin] = [(await row.locator('.time').boundingBox())!, (await row.getByRole('button').boundingBox())!];
  expect(time.x + time.width).toBeLessThanOrEqual(pin.x);
  await row.getByRole('link').tap();
  const younghee = await person('younghee');
  await younghee.goto(minsu.url().replace('/?room=', '/rooms/'));
  const line = minsu.locator('.chat .bar').getByText('이영희님과 대화중입니다.');
  await expect(line).toBeVisible();
  expect(await line.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  await say(minsu, '고칠 글입니다. 두 줄이 될 만큼 길어야 합니다.');
  const said = bubble(minsu, '고칠 글');
  const button = said.getByRole('button', { name: '메시지 메뉴' });
  await expect(said).toHaveAttribute('data-state', 'sent');
  // Its row is made anew when it has been read, too.
  let before = 0;
  await expect(async () => { before = (await button.boundingBox())!.x; }).toPass();
  await button.tap();
  await minsu.getByRole('button', { name: '수정', exact: true }).tap();
  await minsu.locator('#composer').fill('고칠 글입니다! 두 줄이 될 만큼 길어야 합니다.');
  await minsu.getByRole('button', { name: '수정' }).last().tap();
  await expect(said.getByText('수정됨')).toBeVisible();
  await expect(async () => expect(Math.abs((await button.boundingBox())!.x - before)).toBeLessThan(4)).toPass({ timeout: 5_000 });
});

test('of many people the first are drawn, the others at a click, and all are found by typing', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false);
  server.addPerson('minsu', '김민수');
  const row = (_: unknown, number: number) => `u${number},${number === 299 ? '황보름' : `사람${String(number).padStart(3, '0')}`}\n`;
  server.importPeople(`login,name\n${Array.from({ length: 300 }, row).join('')}`);
  const minsu = await (await browserOf()).newPage();
  await signIn(minsu, server, 'minsu', PASSWORD);
  await hydrated(minsu);
  const rows = minsu.locator('#panel-people .row');
  await expect(rows).toHaveCount(200);
  await expect(minsu.locator('h2.group').last()).toHaveText(/· 300$/);
  await minsu.getByRole('searchbox').fill('ㅎㅂㄹ');
  await expect(rows).toHaveText([/황보름/]);
  await minsu.getByRole('searchbox').fill('');
  await minsu.getByRole('button', { name: '더 보기' }).click();
  await expect(rows).toHaveCount(301);
  await expect(minsu.getByRole('button', { name: '더 보기' })).toHaveCount(0);
});
