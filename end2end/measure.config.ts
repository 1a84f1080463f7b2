// Measures the resources that a browser needs to show and to run a page: `make measure`.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

// A trace would be most of the measured cost.
export default defineConfig({ ...tests, testDir: 'measure', timeout: 300_000, use: { ...tests.use, trace: 'off' } });
