// Files: adding them to a message, and how both users see them.
import type { Page } from '@playwright/test';
import { bubble, expect, menuOf, pair, say, signIn, hydrated, test } from '../stage';
import { chooseFiles, document, drop, hold, paste, picture, tray } from '../files';

test.use({ expectedErrors: [/Failed to load resource|net::ERR_/] });

async function talk(person: (login: string) => Promise<Page>): Promise<[Page, Page]> {
  return pair(await person('minsu'), await person('cheolsu'));
}

test('a picture is sent with its caption and shows at once for both, at its reserved size', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await chooseFiles(minsus, [await picture(minsus, '야유회.png', 640, 480)]);
  await expect(tray(minsus).getByRole('listitem')).toContainText('야유회.png');
  await say(minsus, '지난 금요일');
  for (const page of [minsus, cheolsus]) {
    const image = bubble(page, '지난 금요일').locator('.picture img');
    await expect(image).toHaveJSProperty('complete', true);
    expect(await image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    const box = (await image.boundingBox())!;
    expect(Math.round((box.width / box.height) * 100)).toBe(133);
  }
  await expect(tray(minsus)).toBeHidden();
  await expect(minsus.locator('#composer')).toHaveValue('');
});

test('files without a text are a message, and the send button knows', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const send = minsus.getByRole('button', { name: '보내기' });
  await expect(send).toHaveAttribute('aria-disabled', 'true');
  await chooseFiles(minsus, [document('예산.hwp', 48_211), document('회의록.pdf', 3)]);
  await expect(send).toHaveAttribute('aria-disabled', 'false');
  await send.click();
  const card = bubble(cheolsus, '예산').getByRole('link', { name: '예산.hwp 48 KB 내려받기' });
  const [download] = await Promise.all([cheolsus.waitForEvent('download'), card.click()]);
  expect(download.suggestedFilename()).toBe('예산.hwp');
  await expect(bubble(cheolsus, '회의록').locator('.file')).toHaveCount(2);
});

test('another account of the browser sees nothing of it', async ({ person, server }) => {
  const [minsus] = await talk(person);
  await chooseFiles(minsus, [document('내 파일.txt', 10)]);
  await expect(tray(minsus)).toContainText('올림');
  const room = minsus.url();
  await minsus.context().clearCookies();
  await signIn(minsus, server, 'cheolsu');
  await minsus.goto(room);
  await hydrated(minsus);
  await expect(minsus.locator('#composer')).toBeFocused();
  await expect(minsus.getByText('내 파일')).toHaveCount(0);
});

test('a screenshot is pasted under a name with the time, a copied text stays a text', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await paste(minsus, { file: { name: 'image.png', type: 'image/png' } });
  await expect(tray(minsus).getByRole('listitem')).toContainText(/화면 캡처 \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d.png/);
  await paste(minsus, { file: { name: 'image.png', type: 'image/png' }, text: '표의 글' });
  await expect(tray(minsus).getByRole('listitem')).toHaveCount(1);
  await say(minsus, '화면입니다');
  await expect(bubble(cheolsus, '화면입니다').locator('.picture')).toHaveAccessibleName(/사진 화면 캡처/);
});

test('files are dropped anywhere on the conversation, a dragged text is none', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const target = minsus.getByText('여기에 놓으면 파일을 첨부합니다.');
  await drop(minsus, 'dragover', { text: '끌어온 글' });
  await expect(target).toBeHidden();
  await drop(minsus, 'dragover', { file: { name: '끌어온 파일.txt', type: 'text/plain' } });
  await expect(target).toBeVisible();
  const log = (await minsus.locator('.log-frame').boundingBox())!;
  const area = (await target.boundingBox())!;
  expect(area.width * area.height).toBeGreaterThan(log.width * log.height * 0.85);
  await drop(minsus, 'drop', { file: { name: '끌어온 파일.txt', type: 'text/plain' } });
  await expect(target).toBeHidden();
  await expect(tray(minsus)).toContainText('끌어온 파일');
  await say(minsus, '놓았습니다');
  await expect(bubble(cheolsus, '놓았습니다').getByRole('link', { name: /끌어온 파일/ })).toBeVisible();
});

test('twenty files at once, each with a bar; more are refused in words', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  const release = await hold(minsus);
  await chooseFiles(minsus, Array.from({ length: 22 }, (_, index) => document(`${index + 1}번.txt`, 1_000)));
  await expect(tray(minsus).getByRole('progressbar')).toHaveCount(20);
  await expect(tray(minsus).getByRole('alert')).toHaveText('한 번에 파일 20개까지 보낼 수 있습니다.');
  release();
  await say(minsus, '스무 개');
  await expect(bubble(cheolsus, '스무 개').locator('.file')).toHaveCount(20, { timeout: 30_000 });
});

test('another room is shown meanwhile, and the message goes out', async ({ person }) => {
  const options = { viewport: { width: 1280, height: 800 } };
  const minsu = await person('minsu', options);
  const cheolsu = await person('cheolsu', options);
  await minsu.locator('#tab-people').click();
  await minsu.locator('button.row', { hasText: '박철수' }).click();
  await expect(minsu.locator('#composer')).toBeFocused();
  const release = await hold(minsu);
  await chooseFiles(minsu, [document('뒤에서.txt', 100)]);
  await say(minsu, '다른 방을 보는 동안');
  await minsu.locator('#tab-people').click();
  await minsu.locator('button.row', { hasText: '이영희' }).click();
  await expect(minsu.locator('.chat .bar')).toContainText('이영희');
  release();
  await cheolsu.locator('#tab-rooms').click();
  await expect(cheolsu.locator('a.row', { hasText: '김민수' })).toContainText('📎 다른 방을 보는 동안 · 뒤에서.txt', { timeout: 40_000 });
});

test('lists, notices and quotes say what the files are', async ({ person }) => {
  const minsu = await person('minsu');
  const cheolsu = await person('cheolsu');
  const [minsus, cheolsus] = await pair(minsu, cheolsu);
  await cheolsus.close();
  await chooseFiles(minsus, [await picture(minsus, '가.png', 64, 48), await picture(minsus, '나.png', 64, 48)]);
  await minsus.getByRole('button', { name: '보내기' }).click();
  await expect(cheolsu.getByRole('status', { name: '알림' })).toContainText('사진 2장');
  await cheolsu.locator('#tab-rooms').click();
  await expect(cheolsu.locator('a.row', { hasText: '김민수' })).toContainText('사진 2장');
  await chooseFiles(minsus, [document('예산.hwp', 9)]);
  await minsus.getByRole('button', { name: '보내기' }).click();
  await expect(cheolsu.locator('a.row', { hasText: '김민수' })).toContainText('예산.hwp');
});

test('a reply quotes the file, an edit changes the caption, a recall takes all of it', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await chooseFiles(minsus, [await picture(minsus, '도면.png', 64, 48)]);
  await minsus.getByRole('button', { name: '보내기' }).click();
  const row = (page: Page) => page.locator('.said', { has: page.locator('.picture') });
  await expect(row(cheolsus)).toBeVisible();
  const menu = await menuOf(cheolsus, row(cheolsus));
  await expect(menu.getByRole('button', { name: '복사', exact: true })).toHaveCount(0);
  await menu.getByRole('button', { name: '답장' }).click();
  await expect(cheolsus.locator('.mode')).toContainText('사진');
  await say(cheolsus, '잘 받았습니다');
  await expect(bubble(minsus, '잘 받았습니다').locator('.quote')).toContainText('사진');

  await (await menuOf(minsus, row(minsus))).getByRole('button', { name: '수정' }).click();
  await say(minsus, '설명을 붙였습니다');
  await expect(bubble(cheolsus, '설명을 붙였습니다').locator('.picture')).toBeVisible();
  const [download] = await Promise.all([
    minsus.waitForEvent('download'),
    (await menuOf(minsus, row(minsus))).getByRole('button', { name: '내려받기' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('도면.png');

  await row(cheolsus).locator('.picture').click();
  await expect(cheolsus.getByRole('dialog', { name: '사진 보기' })).toBeVisible();
  const recall = await menuOf(minsus, row(minsus));
  await recall.getByRole('button', { name: '회수' }).click();
  await recall.getByRole('group', { name: '회수하면 되돌릴 수 없습니다.' }).getByRole('button', { name: '회수' }).click();
  await expect(cheolsus.getByRole('dialog', { name: '사진 보기' })).toHaveCount(0);
  await expect(row(cheolsus)).toHaveCount(0);
  await expect(bubble(cheolsus, '잘 받았습니다').locator('.quote')).toContainText('회수된 메시지입니다.');
});

test('a sound plays on while the message is read and reacted to', async ({ person }) => {
  const [minsus, cheolsus] = await talk(person);
  await chooseFiles(minsus, [{ name: '안내.wav', mimeType: 'audio/wav', buffer: tone(20) }]);
  await minsus.getByRole('button', { name: '보내기' }).click();
  const player = minsus.locator('audio');
  await player.evaluate((audio: HTMLAudioElement) => { audio.muted = true; return audio.play(); });
  await (await menuOf(cheolsus, cheolsus.locator('.said', { has: cheolsus.locator('audio') }))).getByRole('button', { name: '👍' }).click();
  await expect(minsus.getByRole('button', { name: '👍 1: 박철수' })).toBeVisible();
  await say(minsus, '같은 분에 쓴 글');
  await expect(bubble(cheolsus, '같은 분에 쓴 글')).toBeVisible();
  expect(await player.evaluate((audio: HTMLAudioElement) => !audio.paused && audio.currentTime > 0)).toBe(true);
});

/** A WAV file of silence, in seconds. */
function tone(seconds: number): Buffer {
  const rate = 8_000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + rate * seconds, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(rate * seconds, 40);
  return Buffer.concat([head, Buffer.alloc(rate * seconds, 128)]);
}
