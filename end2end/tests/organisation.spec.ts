// An organisation above --list-everybody: the list, its searches and pickers ask the server for people.
import type { Page } from '@playwright/test';
import { bubble, decide, expect, hydrated, isAccessible, say, signIn, test, type Server, PASSWORD } from '../stage';

const LARGE = ['--list-everybody', '20'];
/** Imported people: two pages of auditors, one office, two who share a name, and some without a department. */
const AUDITORS = 240;
const auditor = (number: number) => `감사${String(number).padStart(3, '0')}`;

function table(): string {
  const rows = ['login,name,department,title'];
  for (let number = 0; number < AUDITORS; number++) rows.push(`a${number},${auditor(number)},감사관실,주무관`);
  for (let number = 0; number < 30; number++) rows.push(`i${number},정보${String(number).padStart(3, '0')},기획국/정보화기획과,주무관`);
  rows.push('boreum,황보름,나국/민원과,팀장', 'boreum2,황보람,나국/민원과/민원팀,주무관');
  for (let number = 0; number < 5; number++) rows.push(`n${number},외부${number},,`);
  return `${rows.join('\n')}\n`;
}

/** A server with 280 people, and 세종 and 한별 of 기획국/총무과, who have passwords. */
async function office(serverOf: (demo: boolean, more?: string[]) => Promise<Server>): Promise<Server> {
  const server = await serverOf(false, LARGE);
  server.addPerson('sejong', '세종');
  server.addPerson('hanbyul', '한별');
  server.importPeople(`${table()}sejong,세종,기획국/총무과,과장\nhanbyul,한별,기획국/총무과,주무관\n`);
  // A server that counts its accounts at the start.
  await server.stop();
  await server.start(false, LARGE);
  return server;
}

async function enter(page: Page, server: Server, login: string): Promise<Page> {
  await signIn(page, server, login, PASSWORD);
  await hydrated(page);
  return page;
}

const people = (page: Page) => page.locator('#panel-people');
const head = (page: Page, name: string) => people(page).locator('h2.group').getByRole('button', { name: new RegExp(`^${name}`) });
const row = (page: Page, name: string) => people(page).locator('.row', { hasText: name });

test('the list starts with one’s own department; the others open with their sizes, page by page', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await enter(await (await browserOf()).newPage(), server, 'sejong');
  await expect(people(page).getByText('모두 279명, 온라인 1명')).toBeVisible();
  await expect(head(page, '총무과')).toHaveAttribute('aria-expanded', 'true');
  await expect(row(page, '한별')).toBeVisible();
  await expect(people(page).locator('.branch')).toHaveText(['기획국', '총무과', '정보화기획과', '감사관실', '나국', '부서 없음']);
  await expect(head(page, '감사관실')).toHaveAccessibleName(`감사관실 ${AUDITORS}명 중 0명 온라인`);

  await head(page, '감사관실').click();
  await expect(row(page, auditor(0))).toBeVisible();
  await expect(people(page).getByRole('status').filter({ hasText: `감사관실: ${AUDITORS}명 중 0명 온라인` })).toBeAttached();
  expect(await people(page).locator('.row').count(), 'of 242 that are open').toBeLessThan(120);
  // The second page of the department comes when it is in sight; its height was there before.
  const height = await people(page).evaluate((panel) => panel.scrollHeight);
  await people(page).evaluate((panel) => panel.scrollTo(0, panel.scrollHeight));
  await expect(row(page, auditor(AUDITORS - 1))).toBeVisible();
  expect(await people(page).evaluate((panel) => panel.scrollHeight)).toBe(height);
  await isAccessible(page);

  await page.reload();
  await hydrated(page);
  await expect(row(page, auditor(0)), 'it is still open').toBeVisible();
  await head(page, '나국').click();
  await head(page, '민원과').click();
  await expect(row(page, '황보름')).toBeVisible();
  await expect(row(page, '황보람')).toHaveCount(0);
  await head(page, '민원팀').click();
  await expect(row(page, '황보람')).toBeVisible();
  await head(page, '나국').click();
  await expect(row(page, '황보')).toHaveCount(0);
});

test('keys walk the tree; right opens a department', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await enter(await (await browserOf()).newPage(), server, 'sejong');
  await expect(head(page, '나국')).toBeVisible();
  await head(page, '감사관실').focus();
  await page.keyboard.press('ArrowRight');
  await expect(head(page, '감사관실')).toHaveAttribute('aria-expanded', 'true');
  await expect(row(page, auditor(0))).toBeVisible();
  for (let down = 0; down < 3; down++) await page.keyboard.press('ArrowDown');
  await expect(people(page).locator('.row:focus')).toContainText(auditor(2));
  await page.keyboard.press('ArrowLeft');
  await expect(head(page, '감사관실')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(head(page, '감사관실')).toHaveAttribute('aria-expanded', 'false');
});

test('people whom the page does not know are found by initials, syllables, login and department', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await enter(await (await browserOf()).newPage(), server, 'sejong');
  await decide(page, 'place=here');
  const field = page.getByRole('searchbox').first();
  const rows = people(page).locator('.row');
  for (const query of ['ㅎㅂㄹ', '황보', 'boreum', 'ghkdqh']) {
    await field.fill(query);
    await expect(rows.filter({ hasText: '황보름' }), query).toBeVisible();
    await field.fill('');
    await expect(row(page, '황보름')).toHaveCount(0);
  }
  await field.fill('민원팀');
  await expect(rows).toHaveText([/황보람/]);
  await field.fill('없는사람');
  await expect(people(page).locator('.empty')).toContainText('맞는 사람이 없습니다.');
  await field.fill('감사');
  await expect(rows.first()).toContainText(auditor(0));
  await people(page).evaluate((panel) => panel.scrollTo(0, panel.scrollHeight));
  await people(page).getByRole('button', { name: '더 보기' }).click();
  await expect(people(page).locator('#people-found')).toContainText('100+');
});

test('known people answer at once and keep their place when the server’s come', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await (await browserOf()).newPage();
  let hold = false;
  const held: (() => void)[] = [];
  await page.routeWebSocket(/usersServerEndpoint/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (hold && String(message).includes('people_found')) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });
  await enter(page, server, 'sejong');
  await expect(head(page, '나국')).toBeVisible();
  hold = true;
  await page.getByRole('searchbox').first().fill('ㅎㅂ');
  const rows = people(page).locator('.row');
  await expect(rows).toHaveText([/한별/]);
  const before = (await rows.first().boundingBox())!;
  await expect.poll(() => held.length).toBe(1);
  held.forEach((send) => send());
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText('한별');
  expect(await rows.first().boundingBox()).toEqual(before);
});

test('a person who was found can be talked to, from the list and from the palette', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await enter(await (await browserOf({ viewport: { width: 1280, height: 800 } })).newPage(), server, 'sejong');
  await decide(page, 'place=here');
  await page.reload();
  await hydrated(page);
  await expect(head(page, '나국')).toBeVisible();
  await page.getByRole('searchbox').first().fill('황보름');
  await row(page, '황보름').click();
  await expect(page.locator('.stage').getByRole('heading', { name: '황보름' })).toBeVisible();
  await say(page, '안녕하세요');
  await expect(bubble(page, '안녕하세요')).toBeVisible();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: '사람, 대화, 명령, 메시지 찾기' });
  await palette.getByRole('searchbox').fill('황보람');
  await palette.locator('.row', { hasText: '황보람' }).click();
  await expect(page.locator('.stage').getByRole('heading', { name: '황보람' })).toBeVisible();
});

test('a group is made from people who were found, and more are invited from outside it', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await enter(await (await browserOf({ viewport: { width: 1280, height: 800 } })).newPage(), server, 'sejong');
  await decide(page, 'place=here');
  await page.reload();
  await hydrated(page);
  await expect(head(page, '나국')).toBeVisible();
  await page.getByRole('button', { name: '그룹 만들기' }).click();
  const picker = page.getByRole('dialog', { name: '그룹 만들기' });
  await picker.getByRole('checkbox', { name: /한별/ }).check();
  await picker.getByRole('searchbox').fill('황보');
  await picker.getByRole('checkbox', { name: /황보름/ }).check();
  await picker.getByLabel('그룹 이름').fill('민원 협의');
  await picker.getByRole('button', { name: '만들기' }).click();
  await expect(page.locator('.stage').getByRole('heading', { name: '민원 협의' })).toBeVisible();
  await page.locator('.more summary').click();
  await page.locator('.more').getByRole('button', { name: '초대' }).click();
  const invite = page.getByRole('dialog', { name: '초대' });
  await invite.getByRole('searchbox').fill('황보');
  await expect(invite.getByRole('checkbox', { name: /황보람/ })).toBeVisible();
  await expect(invite.getByRole('checkbox', { name: /황보름/ }), 'a member').toHaveCount(0);
  await invite.getByRole('checkbox', { name: /황보람/ }).check();
  await invite.getByRole('button', { name: /초대/ }).click();
  await expect(page.locator('.log')).toContainText('황보람');
});

test.describe('a cut', () => {
  test.use({ expectedErrors: [/WebSocket connection|ERR_INTERNET_DISCONNECTED/] });

  test('the presence of people in sight and the counts change by themselves, also after a cut', async ({ serverOf, browserOf }) => {
    const server = await office(serverOf);
    const context = await browserOf();
    const page = await enter(await context.newPage(), server, 'sejong');
    await expect(row(page, '한별').locator('.dot')).toHaveText('오프라인');
    const hanbyul = await enter(await (await browserOf()).newPage(), server, 'hanbyul');
    await expect(row(page, '한별').locator('.dot')).toHaveText('온라인');
    await expect(people(page).getByText('온라인 2명')).toBeVisible();
    await expect(head(page, '총무과')).toHaveAccessibleName('총무과 2명 중 2명 온라인');
    await context.setOffline(true);
    await expect(page.getByText('연결이 끊겼습니다.')).toBeVisible();
    await head(page, '감사관실').click();
    await hanbyul.close();
    await context.setOffline(false);
    await expect(row(page, '한별').locator('.dot')).toHaveText('오프라인');
    await expect(row(page, auditor(0)), 'opened without a connection').toBeVisible();
  });
});

test.describe('when the server restarts', () => {
  test.use({ expectedErrors: [/WebSocket connection|net::ERR_CONNECTION_REFUSED|503/] });

  test('the open departments stay, and are asked again', async ({ serverOf, browserOf }) => {
    const server = await office(serverOf);
    const page = await enter(await (await browserOf()).newPage(), server, 'sejong');
    await head(page, '나국').click();
    await head(page, '민원과').click();
    await expect(row(page, '황보름')).toBeVisible();
    await server.stop();
    server.importPeople('login,name,department,title\nnew,황새봄,나국/민원과,주무관\n');
    await server.start(false, LARGE);
    await expect(row(page, '황새봄')).toBeVisible();
    await expect(row(page, '황보름')).toBeVisible();
  });
});

test('on a phone the tree is readable, and nothing is cut off', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const phone = { viewport: { width: 360, height: 740 }, screen: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const page = await enter(await (await browserOf(phone)).newPage(), server, 'sejong');
  await head(page, '나국').tap();
  await head(page, '민원과').tap();
  await head(page, '민원팀').tap();
  await expect(row(page, '황보람')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const box = (await head(page, '민원팀').boundingBox())!;
  expect(box.height).toBeGreaterThanOrEqual(40);
  await isAccessible(page);
});

test('English', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await enter(await (await browserOf({ locale: 'en-US' })).newPage(), server, 'sejong');
  await expect(people(page).getByText('279 people, 1 online')).toBeVisible();
  await expect(head(page, '감사관실')).toHaveAccessibleName(`감사관실 0 of ${AUDITORS} online`);
  await page.getByRole('searchbox').first().fill('황보');
  await expect(people(page).getByRole('status').filter({ hasText: 'People found: 2' })).toBeAttached();
});

test('without the program the page has the size, the own department and the favourites', async ({ serverOf, browserOf }) => {
  const server = await office(serverOf);
  const page = await (await browserOf({ javaScriptEnabled: false })).newPage();
  await signIn(page, server, 'sejong', PASSWORD);
  await expect(people(page).getByText('모두 279명')).toBeVisible();
  await expect(row(page, '한별')).toBeVisible();
  await row(page, '한별').click();
  await expect(page.getByRole('heading', { name: '한별' })).toBeVisible();
});

test('an organisation below the limit lists everybody as before', async ({ serverOf, browserOf }) => {
  const server = await serverOf(false, ['--list-everybody', '20']);
  server.addPerson('sejong', '세종');
  server.importPeople('login,name,department\nsejong,세종,총무과\nboreum,황보름,민원과\n');
  const page = await enter(await (await browserOf()).newPage(), server, 'sejong');
  await expect(row(page, '황보름')).toBeVisible();
  await expect(people(page).locator('.organisation')).toHaveCount(0);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.reload();
  await hydrated(page);
  expect(asked.filter((url) => /organisation/.test(url))).toEqual([]);
});
