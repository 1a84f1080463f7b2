// A client of the original component in a browser, with its behaviour: no subprotocol, names as HTML.
import { get } from 'node:http';
import type { Socket } from 'node:net';
import type { Page } from '@playwright/test';
import { PASSWORD, bubble, expect, popup, say, signIn, test } from '../stage';

/** Opens the original's sockets in a page of ours, so that the browser sends Origin and cookie. */
async function oldClient(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: unknown[] = ((window as any).frames_ = []);
    const base = location.origin.replace('http', 'ws');
    const list = new WebSocket(`${base}/usersServerEndpoint`);
    list.onopen = () => list.send(JSON.stringify({ connectionType: 'firstConnection', username: '나' }));
    list.onmessage = (event) => frames.push(JSON.parse(event.data));
    (window as any).pick = (name: string) => list.send(JSON.stringify({ connectionType: 'chatConnection', connectingUser: name }));
    (window as any).enter = (room: string) => {
      const chat = new WebSocket(`${base}/chat/${room}`);
      chat.onopen = () => chat.send(JSON.stringify({ message: '입장', room }));
      chat.onmessage = (event) => frames.push(JSON.parse(event.data));
      const opened = new Promise((open) => chat.addEventListener('open', open));
      (window as any).say = (message: string) => opened.then(() => chat.send(JSON.stringify({ message, room })));
    };
  });
}

function frames(page: Page): Promise<any[]> {
  return page.evaluate(() => (window as any).frames_);
}

test('a client of the original and ours exchange messages', async ({ person, browserOf, server }) => {
  const younghee = await person('younghee');
  const old = await (await browserOf()).newPage();
  await signIn(old, server, 'cheolsu');
  // A page of our origin without our program's sockets.
  await old.goto(`${server.url}/entry`);
  await oldClient(old);
  await expect.poll(async () => (await frames(old)).some((frame) => frame.allUsers?.includes('이영희'))).toBe(true);
  await old.evaluate(() => (window as any).pick('이영희'));
  await expect.poll(async () => (await frames(old)).find((frame) => frame.enterChatId)?.username).toBe('박철수');
  const room = (await frames(old)).find((frame) => frame.enterChatId).enterChatId;
  await old.evaluate((room) => (window as any).enter(room), room);

  const toast = younghee.getByRole('status', { name: '알림' });
  await old.evaluate(() => (window as any).say('계신가요?'));
  await expect(toast.getByText('계신가요?')).toBeVisible();
  const window = await popup(younghee, () => toast.getByRole('button', { name: '열기' }).click());
  await expect(window.getByText('박철수님과 대화중입니다.')).toBeVisible();
  await old.evaluate(() => (window as any).say('옛 창에서 <b>인사</b>'));
  await expect(bubble(window, '옛 창에서 <b>인사</b>')).toBeVisible();
  await say(window, '새 창에서 <i>답</i>');
  await expect.poll(async () => (await frames(old)).filter((frame) => frame.messageType === 'ChatMessage').pop())
    .toEqual({ messageType: 'ChatMessage', name: '이영희', message: '새 창에서 &lt;i&gt;답&lt;/i&gt;' });
});

/** Names that would break an unquoted attribute, an id, a selector or an HTML page. */
const NASTY = [
  'y tabindex=1 autofocus onfocus=alert(1)', 'Ada Lovelace', 'Ada', "O'Brien", '"따옴표"', '홍길동(총무과)', '<img src=x onerror=alert(1)>',
  'a#b', 'a,b', 'a>b', '#', '&amp;', '&lt;b&gt;', '`x`', 'x=1', '1번 창구', '-', '--x', '.클래스', '[속성]', ':first', '*', '$(x)', 'a\\b', '나/다', '❤️', '👩‍💻 재택',
  'العربية', 'שרה 2', 'สมชาย', '가\u0300나', '김민수', '김민수', '김민수 (minsu)', 'Ｋim', 'Kim', 'kim',
];

/** Connects as a user until the socket is destroyed, so that the user is online. */
async function connected(url: string, login: string): Promise<Socket> {
  const body = new URLSearchParams({ login, password: PASSWORD });
  const { token } = await (await fetch(`${url}/api/sign_in`, { method: 'POST', body })).json();
  const headers = {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', authorization: `Bearer ${token}`,
  };
  return new Promise((open) => get(`${url}/usersServerEndpoint`, { headers }).on('upgrade', (_, socket) => open(socket)));
}

/** The list of users as the original's page builds it: HTML rows with the name as an unquoted id, found by a `#` selector. */
async function oldList(page: Page): Promise<void> {
  await page.evaluate(() => {
    const list = new WebSocket(`${location.origin.replace('http', 'ws')}/usersServerEndpoint`);
    const rooms: string[] = ((window as any).rooms = []);
    document.body.innerHTML = '<table><tbody id="users"></tbody></table>';
    list.onopen = () => list.send('{"connectionType":"firstConnection"}');
    (window as any).pick = (row: Element) => list.send(JSON.stringify({ connectionType: 'chatConnection', connectingUser: row.id }));
    list.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      if (frame.allUsers) document.getElementById('users')!.innerHTML = frame.allUsers.map((name: string) => `<tr id=${name} onclick='x'><td>${name}</td></tr>`).join('');
      if (frame.disconnectedUser) document.querySelector(`#${frame.disconnectedUser}`)?.remove();
      if (frame.enterChatId) rooms.push(frame.enterChatId);
    };
  });
}

test('the page of the original shows, finds and picks a hundred people, whatever their names', async ({ serverOf, browserOf, expectedErrors }) => {
  // The handlers of the rows never run: our pages forbid inline scripts.
  expectedErrors.push(/Content Security Policy/);
  const server = await serverOf(false);
  const people = Array.from({ length: 100 }, (_, n) => [`p${n}`, n < NASTY.length ? NASTY[n] : `${NASTY[n % NASTY.length].slice(0, 36)} ${n}`]);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  server.importPeople(['login,name,password', 'me,나,correct horse', ...people.map(([login, name]) => [login, name, PASSWORD].map(quoted).join(','))].join('\n'));
  const sockets = new Map<string, Socket>();
  for (const [login] of people) sockets.set(login, await connected(server.url, login));

  const page = await (await browserOf()).newPage();
  await signIn(page, server, 'me', PASSWORD);
  await page.goto(`${server.url}/entry`);
  await oldList(page);
  const rows = page.locator('#users tr');
  await expect(rows).toHaveCount(101);
  const shown = await rows.evaluateAll((rows) => rows.map((row) => [row.id, row.textContent, row.getAttributeNames().join(), document.querySelectorAll(`#${row.id}`).length]));
  for (const [id, text, attributes, found] of shown) expect([text, attributes, found], id as string).toEqual([id, 'id,onclick', 1]);
  const ids = shown.map(([id]) => id);
  expect(ids).toEqual(expect.arrayContaining(['나', 'Ada', 'Ada_Lovelace', 'O_Brien', '홍길동_총무과', '김민수_p31', '김민수_p32', '_1번_창구', 'y_tabindex_1_autofocus_onfocus_alert_1']));

  for (const [id, login] of [['Ada_Lovelace', 'p1'], ['김민수_p32', 'p32'], ['홍길동_총무과', 'p5']]) {
    const before = await page.evaluate(() => (window as any).rooms.length);
    await page.evaluate((id) => (window as any).pick(document.getElementById(id)), id);
    await expect.poll(() => page.evaluate(() => (window as any).rooms.length)).toBe(before + 1);
    const members = await page.evaluate(async () => {
      const chat = new WebSocket(`${location.origin.replace('http', 'ws')}/chat/${(window as any).rooms.at(-1)}`, 'daehwa.v1');
      return new Promise<string[]>((members) => { chat.onmessage = (event) => members(JSON.parse(event.data).members.map((member: any) => member.login)); });
    });
    expect(members.sort()).toEqual(['me', login]);
    sockets.get(login)!.destroy();
    await expect(page.locator(`[id="${id}"]`)).toHaveCount(0);
  }
  sockets.forEach((socket) => socket.destroy());
});
