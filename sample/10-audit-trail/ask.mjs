// What CI asks of this sample: the trail of some payments is clean, and whatever is done to a copy of it is named.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/esm/cli/main.js', import.meta.url));

export async function ask(url, output) {
  const [, home] = /TRAIL=(\S+)/.exec(output);
  const pay = async (to, amount) => {
    const response = await fetch(`${url}/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to, amount }),
    });
    assert.equal(response.status, 201);
    return response.json();
  };
  const trail = async (path) => (await fetch(`${url}/trail/${path}`)).json();

  const { paid, receipt } = await pay('bob', 40);
  assert.equal(paid, 40);
  await pay('carol', 7);
  const log = join(home, 'log');
  const [file] = (await readdir(log)).filter((name) => name.endsWith('.jsonl'));
  const lines = (await readFile(join(log, file), 'utf8')).split('\n');
  const record = JSON.parse(lines[receipt.seq - 1]);
  assert.equal(record.h, receipt.hash);
  assert.deepEqual(record.metadata, { to: 'bob', amount: 40 });

  // Within a second a checkpoint covers the last request's own event, and is anchored.
  const deadline = performance.now() + 10_000;
  let untouched = await trail('verify');
  while (untouched.verdict !== 'clean' && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    untouched = await trail('verify');
  }
  assert.deepEqual([untouched.verdict, untouched.problems], ['clean', []]);

  const edited = await trail('verify-after/edit');
  assert.equal(edited.verdict, 'tampered');
  const [problem] = edited.problems;
  assert.deepEqual([problem.class, problem.file, problem.line], ['edited', file, receipt.seq]);
  const removed = await trail('verify-after/remove');
  assert.deepEqual(
    [removed.verdict, removed.problems[0].class, removed.problems[0].line],
    ['tampered', 'missing', receipt.seq],
  );
  const cut = await trail('verify-after/cut');
  assert.equal(cut.verdict, 'tampered');
  assert.match(cut.problems[0].class, /^cut-tail|rollback$/);
  assert.equal((await fetch(`${url}/trail/verify-after/nothing`)).status, 404);

  // The command, on the running log: nothing contradicts it, its end is open.
  const keys = ['--public-key', join(home, 'audit-signing.pub.pem'), '--ratchet-key', join(home, 'audit-ratchet.key')];
  const said = spawnSync(process.execPath, [CLI, 'audit', 'verify', log, ...keys], { encoding: 'utf8' });
  assert.equal(said.status, 2, said.stdout + said.stderr);
  assert.match(said.stdout, /^INCOMPLETE: [^]*open-end/);
  return 'receipt, verified, edited, removed, cut, by command';
}
