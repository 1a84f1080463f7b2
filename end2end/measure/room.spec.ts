// The cost of a room's window: at fifty messages a second, in a new room and in one of 100,000 messages, and after an
// hour. The figures are for readers: no test fails because a machine is slow.
import type { CDPSession, Page } from '@playwright/test';
import { popup, test } from '../stage';

const OLD_ROOM = Number(process.env.MEASURE_MESSAGES ?? 100_000);
/** An hour of five messages a second, sixty times faster. */
const HOUR = Number(process.env.MEASURE_HOUR ?? 18_000);
const HOUR_PAUSE_MS = 200 / 60;

declare global {
  interface Window { wasm?: WebAssembly.Memory }
}

/** Posts a number of messages at an interval in milliseconds; resolves when the last one is saved. */
async function say(page: Page, room: string, count: number, pauseMs: number): Promise<void> {
  await page.evaluate(async ([room, count, pauseMs]) => {
    const socket = new WebSocket(`ws://${location.host}/chat/${room}`, 'daehwa.v1');
    await new Promise((open) => { socket.onopen = open; });
    const last = crypto.randomUUID();
    const saved = new Promise<void>((done) => {
      socket.onmessage = (event) => { if (event.data.includes(last)) done(); };
    });
    const began = performance.now();
    for (let number = 1; number <= count; number++) {
      const due = began + number * pauseMs;
      if (due > performance.now()) await new Promise((later) => { setTimeout(later, due - performance.now()); });
      socket.send(JSON.stringify({ type: 'post', id: number === count ? last : crypto.randomUUID(), body: `메시지 ${number}` }));
    }
    await saved;
    socket.close();
  }, [room, count, pauseMs] as const);
}

/** The room of 이영희 and 김민수 as 김민수 sees it, and a page of 이영희 that renders nothing. */
async function talk(person: (login: string) => Promise<Page>): Promise<{ speaker: Page; room: string; open: () => Promise<Page> }> {
  const speaker = await person('younghee');
  const minsu = await person('minsu');
  await minsu.context().addInitScript(keepMemory);
  const open = () => popup(minsu, () => minsu.locator('button.row', { hasText: '이영희' }).click());
  const reader = await open();
  const room = reader.url().split('/').pop()!;
  await reader.close();
  await speaker.goto(new URL('/shortcuts', speaker.url()).href);
  return { speaker, room, open };
}

/** Shows the size of the program's memory in the page. */
function keepMemory(): void {
  const keep = ({ exports }: WebAssembly.Instance) => {
    if (exports.memory instanceof WebAssembly.Memory) window.wasm = exports.memory;
  };
  const { instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const made = await instantiateStreaming(source, imports);
    keep(made.instance);
    return made;
  };
}

async function metrics(client: CDPSession): Promise<(name: string) => number> {
  const { metrics } = await client.send('Performance.getMetrics');
  return (name) => metrics.find((metric) => metric.name === name)?.value ?? NaN;
}

/** Milliseconds of the page's thread per message, of 500 messages in 10 s. */
async function cost(reader: Page, speaker: Page, room: string): Promise<string> {
  await reader.bringToFront();
  const client = await reader.context().newCDPSession(reader);
  await client.send('Performance.enable');
  const before = await metrics(client);
  await say(speaker, room, 500, 20);
  const after = await metrics(client);
  const parts = ['TaskDuration', 'ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];
  return parts.map((part) => (((after(part) - before(part)) * 1000) / 500).toFixed(2)).join(' | ');
}

test('the cost of fifty messages a second, in a room of a hundred thousand', async ({ person }) => {
  const { speaker, room, open } = await talk(person);
  console.log('| messages before | ms a message, all | script | style | layout |');
  const young = await open();
  console.log(`| a few | ${await cost(young, speaker, room)} |`);
  await young.close();
  for (let said = 0; said < OLD_ROOM; said += 10_000) await say(speaker, room, Math.min(10_000, OLD_ROOM - said), 0.3);
  console.log(`| ${OLD_ROOM} | ${await cost(await open(), speaker, room)} |`);
});

test('the memory of a window after an hour of five messages a second', async ({ person }) => {
  const { speaker, room, open } = await talk(person);
  const reader = await open();
  await reader.bringToFront();
  const client = await reader.context().newCDPSession(reader);
  await client.send('Performance.enable');
  const row = async (minutes: number) => {
    await client.send('HeapProfiler.collectGarbage');
    const now = await metrics(client);
    const program = await reader.evaluate(() => window.wasm?.buffer.byteLength ?? NaN);
    const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
    console.log(`| ${minutes} | ${mib(now('JSHeapUsedSize'))} | ${mib(program)} | ${now('Nodes')} | ${now('JSEventListeners')} |`);
  };
  console.log('| minutes | JS heap MiB | program MiB | DOM nodes | listeners |');
  await row(0);
  for (const minutes of [15, 30, 45, 60]) {
    await say(speaker, room, HOUR / 4, HOUR_PAUSE_MS);
    await row(minutes);
  }
});
