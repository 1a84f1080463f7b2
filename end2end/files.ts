// Files for browser tests: created, chosen, pasted, dropped, and held back during the upload.
import type { Page, Request, Route } from '@playwright/test';

export type FileOfTest = { name: string; mimeType: string; buffer: Buffer };

/** The tray above the composer. */
export function tray(page: Page) {
  return page.getByRole('region', { name: '보낼 파일' });
}

export function document(name: string, size: number): FileOfTest {
  return { name, mimeType: 'text/plain', buffer: Buffer.alloc(size, 'x') };
}

/** A PNG that the browser draws. */
export async function picture(page: Page, name: string, width: number, height: number): Promise<FileOfTest> {
  const address = await page.evaluate(([name, width, height]) => {
    const canvas = Object.assign(window.document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d')!;
    const colours = context.createLinearGradient(0, 0, Number(width), Number(height));
    colours.addColorStop(0, '#2b62d9');
    colours.addColorStop(1, '#f0b860');
    context.fillStyle = colours;
    context.fillRect(0, 0, Number(width), Number(height));
    context.fillStyle = '#fff';
    context.font = '24px sans-serif';
    context.fillText(String(name), 10, Number(height) / 2);
    return canvas.toDataURL('image/png');
  }, [name, width, height] as const);
  return { name, mimeType: 'image/png', buffer: Buffer.from(address.split(',')[1], 'base64') };
}

/** A JPEG that the browser draws, with as much metadata as a camera writes. */
export async function photo(page: Page, name: string): Promise<FileOfTest> {
  const address = await page.evaluate(() => Object.assign(window.document.createElement('canvas'), { width: 64, height: 48 }).toDataURL('image/jpeg'));
  const jpeg = Buffer.from(address.split(',')[1], 'base64');
  // An APP1 segment: EXIF in Intel's byte order, one field, Make, whose text follows the directory.
  const text = Buffer.alloc(20_000, 'camera ');
  const exif = Buffer.concat([Buffer.from('FFE100004578696600004949 2A0008000000 0100 0F01 0200 00000000 1A000000 00000000'.replaceAll(' ', ''), 'hex'), text]);
  exif.writeUInt16BE(exif.length - 2, 2);
  exif.writeUInt32LE(text.length, 24);
  return { name, mimeType: 'image/jpeg', buffer: Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]) };
}

/** Chooses files in the picker. `modified`: when they were last changed; the same file must have the same time. */
export async function chooseFiles(page: Page, files: FileOfTest[], modified?: number): Promise<void> {
  if (modified === undefined) return page.locator('#files').setInputFiles(files);
  await page.locator('#files').evaluate((input: HTMLInputElement, [files, modified]) => {
    const transfer = new DataTransfer();
    for (const file of files) {
      const bytes = Uint8Array.from(atob(file.bytes), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], file.name, { type: file.mimeType, lastModified: modified }));
    }
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, [files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: buffer.toString('base64') })), modified] as const);
}

type Carried = { file?: { name: string; type: string }; text?: string };

/** A one-pixel PNG. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Pastes into the page. */
export async function paste(page: Page, carried: Carried): Promise<void> {
  await page.evaluate(([{ file, text }, pixel]) => {
    const clipboardData = new DataTransfer();
    const bytes = Uint8Array.from(atob(pixel), (letter) => letter.charCodeAt(0));
    if (file) clipboardData.items.add(new File([bytes], file.name, { type: file.type }));
    if (text) clipboardData.setData('text/plain', text);
    window.document.querySelector('#composer')!.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, [carried, PIXEL] as const);
}

/** Drags over the log, or drops on it. */
export async function drop(page: Page, kind: 'dragover' | 'drop', carried: Carried): Promise<void> {
  await page.evaluate(([kind, { file, text }, pixel]) => {
    const dataTransfer = new DataTransfer();
    if (file) dataTransfer.items.add(new File([atob(pixel)], file.name, { type: file.type }));
    if (text) dataTransfer.setData('text/plain', text);
    window.document.querySelector('.log')!.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }, [kind, carried, PIXEL] as const);
}

/** Holds back the bytes of uploads, those that match `which`, until the returned function is called. */
export async function hold(page: Page, which: (request: Request) => boolean = () => true): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((done) => { release = done; });
  await page.route('**/files/*', async (route: Route) => {
    if (route.request().method() === 'PATCH' && which(route.request())) await released;
    // The page may have aborted the request, or be closed.
    await route.continue().catch(() => {});
  });
  return release;
}
