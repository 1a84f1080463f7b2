// What a browser needs to show and to run a page, as figures: `make measure`.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

export default defineConfig({ ...tests, testDir: 'measure', timeout: 300_000 });
