// The stage of every browser test: its own server, and users in separate browsers. A test fails if any of its pages
// logs an error, or if its server panics.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, type BrowserContextOptions, type Locator, type Page, test as base, expect } from '@playwright/test';

/** Narrower than the width from which rooms open next to the list by default. */
const narrow = { width: 1000, height: 760 };

const program = resolve(__dirname, process.env.DAEHWA_BIN ?? '../target/release/daehwa');

/** One running daehwa with the users of the demonstration. */
export class Server {
  private child?: ChildProcess;
  private readonly directory = mkdtempSync(join(tmpdir(), 'daehwa-'));
  url = '';
  /** How often a thread of the program panicked. */
  panics = 0;

  /** `demo`: with the users and rooms of the demonstration. Otherwise with a data directory, so that it can be restarted. */
  async start(demo: boolean, more: string[] = []): Promise<void> {
    const address = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const data = demo ? ['--demo'] : ['--data', join(this.directory, 'data')];
    const limits = ['--connections-per-minute', '0', '--messages-per-second', '0', '--sign-ins-per-minute', '0', '--disk-watermark', '0', '--log', 'warn'];
    // In an empty directory, without a configuration file.
    const child = spawn(program, [...data, '--addr', address, ...limits, ...more], { cwd: this.directory });
    this.child = child;
    child.stderr?.on('data', (text) => {
      process.stderr.write(text);
      this.panics += String(text).match(/panicked at/g)?.length ?? 0;
    });
    this.url = await new Promise((found, fail) => {
      let said = '';
      child.stdout?.on('data', (text) => {
        said += text;
        const address = /http:\/\/[\d.:]+/.exec(said);
        if (address) found(address[0]);
      });
      child.on('exit', (code) => fail(new Error(`daehwa ended with ${code}: ${said}`)));
    });
  }

  addPerson(login: string, name: string): void {
    const data = join(this.directory, 'data');
    execFileSync(program, ['--data', data, 'user', 'add', login, name], { cwd: this.directory, input: `${PASSWORD}\n` });
  }

  /** Imports accounts from a CSV table. */
  importPeople(table: string): void {
    const file = join(this.directory, 'people.csv');
    writeFileSync(file, table);
    execFileSync(program, ['--data', join(this.directory, 'data'), 'user', 'import', file], { cwd: this.directory });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async end(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const PASSWORD = 'correct horse';
export const DEMO_PASSWORD = 'daehwa';

/** Waits until the page is hydrated. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForSelector('html[data-hydrated]', { state: 'attached' });
}

export async function signIn(page: Page, server: Server, login: string, password = DEMO_PASSWORD): Promise<void> {
  await page.goto(`${server.url}/sign_in`);
  await page.locator('#login').fill(login);
  await page.locator('#password').fill(password);
  await page.locator('form[action="/api/sign_in"] button').click();
  await page.waitForURL(`${server.url}/`);
}

/** The window that a click opens. */
export async function popup(page: Page, click: () => Promise<unknown>): Promise<Page> {
  const [window] = await Promise.all([page.waitForEvent('popup'), click()]);
  await window.waitForURL(/\/rooms\//);
  await hydrated(window);
  return window;
}

/** The part of the program that loads after hydration. */
export const SECOND_PART = /split_later\.wasm$/;
/** What the loader logs if the page or the server is closed during the download; it retries. */
const LEFT_WHILE_LOADING = /^TypeError: Failed to fetch($|\n\s+at [^\n]*__wasm_split)/;

/** Changes settings of this browser, as the settings page does: `place=here&quiet=off`. */
export async function decide(page: Page, settings: string): Promise<void> {
  await page.context().addCookies([{ name: 'daehwa_settings', value: settings.replaceAll('=', '.'), url: new URL('/', page.url()).href }]);
}

export function bubble(page: Page, text: string) {
  return page.locator('.said', { hasText: text });
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox').fill(text);
  // On a touch screen Enter breaks the line.
  if (await page.evaluate(() => matchMedia('(pointer: coarse)').matches)) await page.locator('.send').tap();
  else await page.getByRole('textbox').press('Enter');
}

/** The windows of the direct room of two users: the first user's and the other's. */
export async function pair(minsu: Page, other: Page, name = '박철수'): Promise<[Page, Page]> {
  const minsus = await popup(minsu, () => minsu.locator('button.row', { hasText: name }).click());
  await other.getByRole('tab', { name: '사람' }).click();
  // The login is shown if there is a namesake.
  const minsusName = other.locator('bdi', { hasText: /^김민수( \(minsu\))?$/ });
  const others = await popup(other, () => other.locator('#panel-people button.row', { has: minsusName }).first().click());
  return [minsus, others];
}

/** The box of an element after all animations have ended, because a new element grows into its place. */
export async function settledBox(element: Locator) {
  await element.evaluate(async () => { await Promise.allSettled(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished)); });
  return (await element.boundingBox())!;
}

/** Whether axe finds no fault in the page as it is shown. */
export async function isAccessible(page: Page): Promise<void> {
  // A view that is still fading in has less contrast.
  await page.waitForTimeout(250);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
}

/** A group of these users, created by the first of them next to the list. */
export async function group(maker: Page, names: string[], title: string): Promise<void> {
  await maker.getByRole('button', { name: '그룹 만들기' }).click();
  const picker = maker.getByRole('dialog', { name: '그룹 만들기' });
  for (const name of names) await picker.getByRole('checkbox', { name }).first().check();
  await picker.getByLabel('그룹 이름').fill(title);
  await picker.getByRole('button', { name: '만들기' }).click();
  await expect(maker.locator('.stage').getByRole('heading', { name: title })).toBeVisible();
}

/** A room's own window, opened from the list once the row shows the last message. */
export async function openGroup(page: Page, title: string, last: string): Promise<Page> {
  await page.getByRole('tab', { name: '대화' }).click();
  const row = page.locator('a.row', { hasText: title });
  await expect(row).toContainText(last);
  return popup(page, () => row.click());
}

/** Opens the menu of a message. */
export async function menuOf(page: Page, of: string | Locator) {
  const row = typeof of === 'string' ? bubble(page, of) : of;
  await row.hover();
  await row.getByRole('button', { name: '메시지 메뉴' }).click();
  return page.getByRole('group', { name: '메시지 메뉴' });
}

/** Chooses from the menu of the room. */
export async function choose(page: Page, name: string): Promise<void> {
  await page.locator('.more summary').click();
  await page.locator('.more').getByRole('button', { name }).click();
}

/** Posts many messages fast, over a separate socket. */
export async function fill(page: Page, texts: string[]): Promise<void> {
  await page.evaluate(async (texts) => {
    const room = location.pathname.split('/').pop();
    const socket = new WebSocket(`ws://${location.host}/chat/${room}`, 'daehwa.v1');
    await new Promise((open) => { socket.onopen = open; });
    const ids = texts.map(() => crypto.randomUUID());
    const last = new Promise<void>((done) => {
      socket.onmessage = (event) => { if (event.data.includes(ids[ids.length - 1])) done(); };
    });
    texts.forEach((body, index) => socket.send(JSON.stringify({ type: 'post', id: ids[index], body })));
    await last;
    socket.close();
  }, texts);
}

type Stage = {
  /** Starts a server for this test, with more arguments. It stops after all browsers of the test. */
  serverOf: (demo: boolean, more?: string[]) => Promise<Server>;
  /** A server with the users and rooms of the demonstration. */
  server: Server;
  /** A new browser, watched for errors. */
  browserOf: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** The main window of a user who has just signed in to the demonstration. */
  person: (login: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Two users, 김민수 and 이영희, on a server with a data directory, which can be restarted. */
  keptPair: () => Promise<{ server: Server; minsu: Page; younghee: Page }>;
  /** Errors that the test causes on purpose. */
  expectedErrors: RegExp[];
};

export const test = base.extend<Stage>({
  expectedErrors: async ({}, use) => use([]),
  serverOf: async ({}, use) => {
    const servers: Server[] = [];
    await use(async (demo, more = []) => {
      const server = new Server();
      servers.push(server);
      await server.start(demo, more);
      return server;
    });
    for (const server of servers) await server.end();
    expect(servers.map(({ panics }) => panics), 'no server panics').toEqual(servers.map(() => 0));
  },
  server: async ({ serverOf }, use) => use(await serverOf(true)),
  // A dependency, so that servers stop after browsers: `serverOf`.
  browserOf: async ({ serverOf: _, browser, contextOptions, locale, timezoneId, expectedErrors }, use) => {
    const contexts: BrowserContext[] = [];
    const errors: string[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, locale, timezoneId, viewport: narrow, ...options });
      contexts.push(context);
      context.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      context.on('weberror', (error) => errors.push(String(error.error())));
      return context;
    });
    for (const context of contexts) await context.close();
    const unexpected = errors.filter((error) => ![...expectedErrors, LEFT_WHILE_LOADING].some((expected) => expected.test(error)));
    expect(unexpected, 'no page logs an error').toEqual([]);
  },
  person: async ({ server, browserOf }, use) => {
    await use(async (login, options) => {
      const context = await browserOf(options);
      const page = await context.newPage();
      await signIn(page, server, login);
      await hydrated(page);
      return page;
    });
  },
  keptPair: async ({ serverOf, browserOf }, use) => {
    await use(async () => {
      const server = await serverOf(false);
      const pages: Page[] = [];
      for (const [login, name] of [['minsu', '김민수'], ['younghee', '이영희']]) {
        server.addPerson(login, name);
        pages.push(await (await browserOf()).newPage());
      }
      await signIn(pages[0], server, 'minsu', PASSWORD);
      await signIn(pages[1], server, 'younghee', PASSWORD);
      for (const page of pages) await hydrated(page);
      return { server, minsu: pages[0], younghee: pages[1] };
    });
  },
});

export { expect };
