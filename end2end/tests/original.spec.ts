// A client of the original component, in a browser, as its pages do it: no subprotocol, names as HTML.
import type { Page } from '@playwright/test';
import { bubble, expect, popup, say, signIn, test } from '../stage';

/** Opens the original's sockets in a page of ours, so that Origin and cookie are a browser's own. */
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
      (window as any).say = (message: string) => chat.send(JSON.stringify({ message, room }));
    };
  });
}

function frames(page: Page): Promise<any[]> {
  return page.evaluate(() => (window as any).frames_);
}

test('an old client and ours talk with each other', async ({ person, browserOf, server }) => {
  const younghee = await person('younghee');
  const old = await (await browserOf()).newPage();
  await signIn(old, server, 'cheolsu');
  // A quiet page of our origin, without our own program's sockets.
  await old.goto(`${server.url}/entry`);
  await oldClient(old);
  await expect.poll(async () => (await frames(old)).some((frame) => frame.allUsers?.includes('이영희'))).toBe(true);
  await old.evaluate(() => (window as any).pick('이영희'));
  await expect.poll(async () => (await frames(old)).find((frame) => frame.enterChatId)?.username).toBe('박철수');
  const room = (await frames(old)).find((frame) => frame.enterChatId).enterChatId;
  await old.evaluate((room) => (window as any).enter(room), room);

  const toast = younghee.getByRole('status', { name: '알림' });
  await expect(toast.getByText('박철수')).toBeVisible();
  const window = await popup(younghee, () => toast.getByRole('button', { name: '열기' }).click());
  await expect(window.getByText('박철수님과 대화중입니다.')).toBeVisible();
  await old.evaluate(() => (window as any).say('옛 창에서 <b>인사</b>'));
  await expect(bubble(window, '옛 창에서 <b>인사</b>')).toBeVisible();
  await say(window, '새 창에서 <i>답</i>');
  await expect.poll(async () => (await frames(old)).filter((frame) => frame.messageType === 'ChatMessage').pop())
    .toEqual({ messageType: 'ChatMessage', name: '이영희', message: '새 창에서 &lt;i&gt;답&lt;/i&gt;' });
});
