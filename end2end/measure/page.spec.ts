// A slow machine on a slow network: time to content and to hydration; and whether a window keeps up with a flood. The
// figures are for readers: no test fails because a machine is slow.
import type { Page } from '@playwright/test';
import { slow } from './slow';
import { hydrated, popup, signIn, test } from '../stage';

const ROUNDS = 5;

function median(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}

/** Milliseconds until the first content, the largest content and hydration; and the layout shift. */
async function load(page: Page, url: string): Promise<number[]> {
  await page.goto(url);
  await hydrated(page);
  return page.evaluate(async () => {
    const heard = performance.now();
    const entries = (type: string) => new Promise<PerformanceEntry[]>((found) => {
      new PerformanceObserver((list) => found(list.getEntries())).observe({ type, buffered: true });
      setTimeout(() => found([]), 300);
    });
    const first = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    const largest = (await entries('largest-contentful-paint')).at(-1)?.startTime ?? first;
    const shifts = await entries('layout-shift') as (PerformanceEntry & { value: number })[];
    return [first, largest, heard, shifts.reduce((sum, shift) => sum + shift.value, 0)];
  });
}

test('time to content and to hydration, CPU four times slower, slow 4G, empty cache', async ({ server, browserOf }) => {
  const context = await browserOf();
  const page = await context.newPage();
  await signIn(page, server, 'minsu');
  await slow(await context.newCDPSession(page));
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await load(page, server.url));
  const column = (place: number) => median(rounds.map((round) => round[place]));
  console.log(`| first content ms | largest content ms | clicks are heard ms | layout shift | (median of ${ROUNDS})`);
  console.log(`| ${[0, 1, 2].map((place) => column(place).toFixed(0)).join(' | ')} | ${column(3).toFixed(3)} |`);
});

test('frames at fifty messages a second', async ({ person }) => {
  const minsu = await person('minsu');
  const cheolsu = await person('cheolsu');
  const reader = await popup(minsu, () => minsu.locator('button.row', { hasText: '박철수' }).click());
  // The author's window renders nothing, so that only the reader's window is measured.
  await cheolsu.goto(new URL('/shortcuts', cheolsu.url()).href);
  await reader.bringToFront();
  const frames = reader.evaluate(() => new Promise<number[]>((done) => {
    const gaps: number[] = [];
    let last = performance.now();
    const end = last + 10_000;
    const frame = (now: number) => {
      gaps.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame); else done(gaps);
    };
    requestAnimationFrame(frame);
  }));
  await cheolsu.evaluate(async (room) => {
    const socket = new WebSocket(`ws://${location.host}/chat/${room}`, 'daehwa.v1');
    await new Promise((open) => { socket.onopen = open; });
    for (let number = 0; number < 500; number++) {
      socket.send(JSON.stringify({ type: 'post', id: crypto.randomUUID(), body: `메시지 ${number}` }));
      await new Promise((later) => { setTimeout(later, 20); });
    }
  }, reader.url().split('/').pop());
  const gaps = (await frames).sort((one, other) => one - other);
  const at = (part: number) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * part))].toFixed(1);
  console.log('| frames | median gap ms | p95 | p99 | longest |');
  console.log(`| ${gaps.length} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} | ${gaps.at(-1)!.toFixed(1)} |`);
});
