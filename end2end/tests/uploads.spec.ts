// Uploads by unmodified third-party clients of tus.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { Upload, type UploadOptions } from 'tus-js-client';
import { PASSWORD, Server } from '../stage';

const CONTENT = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, n) => (n * 7 + n / 991) % 251));

/** A server with minsu, and the token of minsu's session. */
async function begin(): Promise<[Server, string]> {
  const server = new Server();
  server.addPerson('minsu', '김민수');
  await server.start(false);
  const body = new URLSearchParams({ login: 'minsu', password: PASSWORD });
  const answer = await fetch(`${server.url}/api/sign_in`, { method: 'POST', body });
  return [server, (await answer.json()).token];
}

async function bytes(url: string, token: string): Promise<Buffer> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return Buffer.from(await answer.arrayBuffer());
}

/** Uploads until it succeeds, fails, or `stop` returns true; returns the address of the upload. */
function upload(server: Server, token: string, more: Partial<UploadOptions>, stop = (_: number) => false): Promise<string> {
  return new Promise((done, fail) => {
    const upload = new Upload(CONTENT, {
      endpoint: `${server.url}/files`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { filename: '예산.hwp', filetype: 'application/x-hwp' },
      chunkSize: 1_000_000,
      retryDelays: [100, 300, 1_000, 3_000],
      onError: fail,
      onSuccess: () => done(upload.url ?? ''),
      onChunkComplete: (_, sent) => {
        if (stop(sent)) void upload.abort().then(() => done(upload.url ?? ''));
      },
      ...more,
    });
    upload.start();
  });
}

/** A port without a listener. */
function freePort(): Promise<number> {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(address && typeof address === 'object' ? address.port : 0));
    });
  });
}

/** nginx with the lines of the README. */
class Nginx {
  private readonly folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  private child?: ChildProcess;
  url = '';

  async start(server: string): Promise<void> {
    const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
    const location = readme.split('```nginx\n')[1].split('```')[0].replace('http://127.0.0.1:3000', server);
    const port = await freePort();
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${this.folder}/${name};`);
    const file = join(this.folder, 'nginx.conf');
    writeFileSync(file, `daemon off; master_process off; pid ${this.folder}/pid; error_log ${this.folder}/error.log; events {}
      http { access_log off; ${paths.join(' ')}
        map $http_upgrade $connection_upgrade { '' ''; default upgrade; }
        server { listen 127.0.0.1:${port};\n${location}\n} }`);
    this.child = spawn('nginx', ['-c', file], { stdio: 'ignore' });
    this.url = `http://127.0.0.1:${port}`;
    await expect(async () => { await fetch(`${this.url}/healthz`); }).toPass();
  }

  end(): void {
    this.child?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const hasNginx = spawnSync('nginx', ['-v']).status === 0;

test('tus-js-client uploads through nginx as the README configures it', async () => {
  test.skip(!hasNginx, 'there is no nginx');
  const [server, token] = await begin();
  const nginx = new Nginx();
  await nginx.start(server.url);
  const endpoint = `${nginx.url}/files`;
  // Parts larger than nginx's default limit of one MiB.
  const url = await upload(server, token, { endpoint, chunkSize: 2_000_000 });
  expect(url.startsWith(nginx.url)).toBe(true);
  expect((await bytes(url, token)).equals(CONTENT)).toBe(true);
  nginx.end();
  await server.end();
});

test.describe('tus-js-client', () => {
  let server: Server;
  let token: string;
  test.beforeEach(async () => { [server, token] = await begin(); });
  test.afterEach(async () => { await server.end(); });

  test('uploads a file', async () => {
    const url = await upload(server, token, {});
    expect((await bytes(url, token)).equals(CONTENT)).toBe(true);
  });

  test('goes on after a break, and after a kill of the server', async () => {
    const url = await upload(server, token, {}, (sent) => sent >= 2_000_000);
    await server.stop('SIGKILL');
    await server.start(false);
    const progress: number[] = [];
    await upload(server, token, { uploadUrl: url, onProgress: (sent) => { progress.push(sent); } });
    expect(progress[0]).toBeGreaterThanOrEqual(2_000_000);
    expect((await bytes(url, token)).equals(CONTENT)).toBe(true);
  });

  test('deletes an upload', async () => {
    const url = await upload(server, token, {}, (sent) => sent >= 1_000_000);
    await Upload.terminate(url, { headers: { authorization: `Bearer ${token}` } });
    await expect(upload(server, token, { uploadUrl: url, endpoint: undefined, retryDelays: [] })).rejects.toThrow();
  });

  test('does not try again what is refused', async () => {
    const asked: number[] = [];
    const refused = upload(server, token, { uploadSize: 200 * 1024 * 1024, onAfterResponse: (_, answer) => { asked.push(answer.getStatus()); } });
    await expect(refused).rejects.toThrow('file_too_large');
    expect(asked).toEqual([413]);
  });
});

/** A Python with tuspy: the one that `scripts/setup.sh` installed, if it could. */
const installed = resolve(__dirname, '../../target/test-python');
const python = process.env.DAEHWA_TUSPY ?? (existsSync(join(installed, '.done')) ? join(installed, 'bin/python') : '');

for (const way of ['direct', 'nginx']) test(`tuspy uploads a file, ${way}`, async () => {
  test.skip(!python, 'tuspy is not installed (scripts/setup.sh tests)');
  test.skip(way === 'nginx' && !hasNginx, 'there is no nginx');
  const [server, token] = await begin();
  const nginx = new Nginx();
  if (way === 'nginx') await nginx.start(server.url);
  const folder = mkdtempSync(join(tmpdir(), 'tuspy-'));
  const file = join(folder, '예산.hwp');
  writeFileSync(file, CONTENT);
  const program = `
import sys
from tusclient import client
url, token, file = sys.argv[1:]
tus = client.TusClient(url + '/files', headers={'Authorization': 'Bearer ' + token})
part = tus.uploader(file, chunk_size=1_000_000, metadata={'filename': '예산.hwp'})
part.upload_chunk()
rest = tus.uploader(file, chunk_size=1_000_000, url=part.url)
rest.upload()
print(rest.url)
`;
  const url = execFileSync(python, ['-c', program, nginx.url || server.url, token, file]).toString().trim();
  expect((await bytes(url, token)).equals(CONTENT)).toBe(true);
  rmSync(folder, { recursive: true });
  nginx.end();
  await server.end();
});
