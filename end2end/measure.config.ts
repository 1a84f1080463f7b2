// What a browser needs to show and to run a page, as figures: `make measure`.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// A recording of the pages would be most of what is measured.
export default defineConfig({ ...tests, testDir: 'measure', timeout: 300_000, use: { ...tests.use, trace: 'off' } });
