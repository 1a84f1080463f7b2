// Screenshots of every page and state, for docs/screens: `make screens`.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

export default defineConfig({ ...tests, testDir: 'screens' });
