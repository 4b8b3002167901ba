// Real: logs of the real sink with real keys, and what an attacker makes of a copy. Faked: nothing.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { verifyAuditLog, type VerifyOptions } from '../../../src/audit/chain/verify/verify-audit-log.js';
import { ownDirectory } from '../support.js';
import { ATTACKS, type Attack, type Scene } from './attacks.js';
import { copyOf, filesOf, Log, newKeys } from './logs.js';

const directoryOf = ownDirectory();

describe('an attack on the log', () => {
  let scene: Scene;
  beforeAll(async () => {
    const directory = directoryOf();
    const log = new Log(directory, newKeys());
    const chains = [log.sink.chain];
    await log.write(35);
    await log.close();
    log.open({ maxSegmentBytes: 6000 });
    chains.push(log.sink.chain);
    await log.write(100);
    await log.close();
    log.open();
    chains.push(log.sink.chain);
    await log.write(25);
    const older = copyOf(directory, join(directoryOf(), 'older'));
    await log.write(30);
    scene = { directory, log, chains, older, files: filesOf(directory, chains[1]) };
  });

  const attacked = (attack?: Attack['does']): { copy: Scene; told: { file?: string; line?: number } } => {
    const directory = copyOf(scene.directory, join(directoryOf(), 'copy'));
    const copy = { ...scene, directory };
    return { copy, told: attack?.(copy) ?? {} };
  };
  const all = (): VerifyOptions => ({ receipts: scene.log.receipts, anchors: scene.log.anchors, chains: scene.chains });

  it('has nothing to do with a log that nobody has touched: it is clean, also as a copy', async () => {
    const { copy } = attacked();
    for (const directory of [scene.directory, copy.directory]) {
      const { verdict, problems, chains } = await verifyAuditLog(directory, { ...scene.log.proof, ...all() });
      expect({ verdict, problems }).toEqual({ verdict: 'clean', problems: [] });
      expect(chains.map(({ id, ended }) => [id, ended])).toEqual([
        [scene.chains[0], true],
        [scene.chains[1], true],
        [scene.chains[2], false],
      ]);
    }
  });

  it.each(ATTACKS)('is named, where it happened: $name ($class)', async ({ does, class: name, given }) => {
    const { copy, told } = attacked(does);
    const { verdict, problems } = await verifyAuditLog(copy.directory, { ...scene.log.proof, ...given?.(scene) });
    expect({ verdict, first: problems[0] }).toMatchObject({ verdict: 'tampered', first: { class: name, ...told } });
  });

  it.each(ATTACKS.filter(({ name }) => !name.startsWith('T:')))(
    'is no less seen when everything outside of the log is known as well: $name',
    async ({ does, given }) => {
      const { copy } = attacked(does);
      const proof = { ...scene.log.proof, ...all(), ...given?.(scene) };
      expect((await verifyAuditLog(copy.directory, proof)).verdict).toBe('tampered');
    },
  );

  it('is at least nineteen different ones', () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(19);
    expect(new Set(ATTACKS.map((attack) => attack.class)).size).toBe(15);
  });
});
