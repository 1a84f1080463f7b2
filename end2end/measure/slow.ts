import type { CDPSession } from '@playwright/test';

/** Lighthouse's "slow 4G", a quarter of this machine's speed, and an empty cache. */
export async function slow(client: CDPSession): Promise<void> {
  await client.send('Network.enable');
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  const bytes = (1.6 * 1024 * 1024) / 8;
  await client.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: bytes, uploadThroughput: bytes / 2 });
  await client.send('Emulation.setCPUThrottlingRate', { rate: 4 });
}
