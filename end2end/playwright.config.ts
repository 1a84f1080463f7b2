import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// The system's Chromium, because Playwright's own download needs the Internet.
const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.CHROMIUM ?? known.find((path) => existsSync(path));

export default defineConfig({
  testDir: 'tests',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 2,
  // A test that fails and then passes is listed as flaky in the summary and should be fixed. It does not block a
  // release.
  retries: 1,
  forbidOnly: !!process.env.CI,
  reporter: [['list']],
  use: {
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    trace: 'retain-on-first-failure',
    // A test cannot delay the requests of a service worker. Only the test of the service worker allows one.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ],
    },
  },
});
