// The attacks on a log, each as somebody would do it who can write the files; `T` marks those who have stolen all keys.
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ProblemClass } from '../../../src/audit/chain/verify/problem.js';
import type { VerifyOptions } from '../../../src/audit/chain/verify/verify-audit-log.js';
import { sealOf } from '../../../src/audit/chain/ratchet.js';
import { newestEpoch } from '../../../src/audit/chain/ratchet-state.js';
import { filesOf, linesOf, rechained, rehashed, writeLines, type Log } from './logs.js';

export interface Scene {
  /** A log of three chains; the second has several segments, the last is still being written. */
  readonly directory: string;
  readonly log: Log;
  /** The files of the second chain, in order. */
  readonly files: readonly string[];
  readonly chains: readonly string[];
  /** The directory as it was while the last chain was younger. */
  readonly older: string;
}

export interface Attack {
  readonly name: string;
  readonly does: (scene: Scene) => void | { file?: string; line?: number };
  readonly class: ProblemClass;
  /** What the verifier is given besides the keys. */
  readonly given?: (scene: Scene) => VerifyOptions;
}

type Json = Record<string, unknown> & { seq: number; prev: string; h: string; t: string };
const parse = (line: string): Json => JSON.parse(line) as Json;

/** Changes the lines of a file of the second chain; by default its first. */
function change(scene: Scene, how: (lines: string[]) => string[] | void, at = 0): string {
  const file = scene.files[at]!;
  const lines = linesOf(scene.directory, file);
  writeLines(scene.directory, file, how(lines) ?? lines);
  return file;
}

/** All lines of the second chain as one list, then back into its files as they were cut before. */
function changeAll(scene: Scene, how: (lines: string[]) => string[]): void {
  const { directory, files } = scene;
  const all = files.map((file) => linesOf(directory, file));
  let rest = how(all.flat());
  for (const [index, lines] of all.entries()) {
    const count = index === all.length - 1 ? rest.length : lines.length;
    writeLines(directory, files[index]!, rest.slice(0, count));
    rest = rest.slice(count);
  }
}

const victim = (lines: readonly string[], from = 3): number =>
  lines.findIndex((line, index) => index >= from && parse(line).t === 'event' && index + 1 < lines.length);
const edited = (line: string): string => line.replace('"index":', '"index":9');

/** Signs every checkpoint of these lines anew, as they are now, and seals them with what `seal` answers. */
function resigned(
  lines: readonly string[],
  signingKey: string,
  seal: (note: string, epoch: number, old: Json) => string | undefined,
): string[] {
  const key = createPrivateKey(signingKey);
  let prev = parse(lines[0]!).prev;
  return lines.map((line) => {
    const record = parse(line);
    let next = rehashed(line, { prev });
    if (record['note'] !== undefined) {
      const root = Buffer.from(prev, 'base64url').toString('base64');
      const parts = (record['note'] as string).split('\n');
      parts[1] = String(record.seq - 1);
      parts[2] = root;
      const note = parts.join('\n');
      const epoch = Number(/epoch (\d+)/.exec(note)?.[1]);
      const sig = sign(null, Buffer.from(note), key).toString('base64url');
      next = rehashed(line, { prev, note, sig, seal: seal(note, epoch, record) });
    }
    prev = parse(next).h;
    return next;
  });
}

function stolenEpoch(directory: string, chain: string): { epoch: number; key: Buffer } {
  return newestEpoch(readFileSync(join(directory, 'ratchet', `${chain}.epoch`)))!;
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'changes a word of an event',
    class: 'edited',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        line = victim(lines) + 1;
        lines[line - 1] = edited(lines[line - 1]!);
      });
      return { file, line };
    },
  },
  {
    name: 'changes an event and its hash',
    class: 'bad-link',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        lines[index] = rehashed(edited(lines[index]!));
        line = index + 2;
      });
      return { file, line };
    },
  },
  {
    name: 'changes an event and makes every hash behind it anew',
    class: 'edited',
    does: (scene) =>
      changeAll(scene, (lines) => {
        const index = victim(lines);
        const { seq, prev } = parse(lines[index]!);
        return [...lines.slice(0, index), ...rechained([edited(lines[index]!), ...lines.slice(index + 1)], seq, prev)];
      }),
  },
  {
    name: 'puts an event in, with the right number, link and hash',
    class: 'inserted',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        const { seq, h } = parse(lines[index]!);
        lines.splice(index + 1, 0, rehashed(lines[index]!, { seq: seq + 1, prev: h, eventType: 'auth_success' }));
        line = index + 2;
      });
      return { file, line };
    },
  },
  {
    name: 'puts an event in, with a number of its own',
    class: 'inserted',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        lines.splice(index + 1, 0, rehashed(lines[index]!, { seq: 900 }));
        line = index + 2;
      });
      return { file, line };
    },
  },
  {
    name: 'puts an event in and makes every hash behind it anew',
    class: 'inserted',
    does: (scene) =>
      changeAll(scene, (lines) => {
        const index = victim(lines);
        const { seq, prev } = parse(lines[index]!);
        return [...lines.slice(0, index), ...rechained([lines[index]!, ...lines.slice(index)], seq, prev)];
      }),
  },
  {
    name: 'takes an event out',
    class: 'missing',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        line = victim(lines) + 1;
        lines.splice(line - 1, 1);
      });
      return { file, line };
    },
  },
  {
    name: 'takes an event out and makes every hash behind it anew',
    class: 'missing',
    does: (scene) =>
      changeAll(scene, (lines) => {
        const index = victim(lines);
        const { seq, prev } = parse(lines[index]!);
        return [...lines.slice(0, index), ...rechained(lines.slice(index + 1), seq, prev)];
      }),
  },
  {
    name: 'makes an event unreadable',
    class: 'edited',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        line = victim(lines) + 1;
        lines[line - 1] = 'nothing to see here';
      });
      return { file, line };
    },
  },
  {
    name: 'lets two events change places',
    class: 'reordered',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        [lines[index], lines[index + 1]] = [lines[index + 1]!, lines[index]!];
        line = index + 1;
      });
      return { file, line };
    },
  },
  {
    name: 'moves a block of events behind a later one',
    class: 'reordered',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        line = index + 1;
        return [
          ...lines.slice(0, index),
          ...lines.slice(index + 4, index + 9),
          ...lines.slice(index, index + 4),
          ...lines.slice(index + 9),
        ];
      });
      return { file, line };
    },
  },
  {
    name: 'writes an event twice',
    class: 'duplicate',
    does: (scene) => {
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        lines.splice(index + 1, 0, lines[index]!);
        line = index + 2;
      });
      return { file, line };
    },
  },
  {
    name: 'writes an old event once more, much later',
    class: 'duplicate',
    does: (scene) => {
      const old = linesOf(scene.directory, scene.files[0]!)[4]!;
      let line = 0;
      const file = change(
        scene,
        (lines) => {
          lines.splice(4, 0, old);
          line = 5;
        },
        2,
      );
      return { file, line };
    },
  },
  {
    name: 'brings an event of another chain in',
    class: 'foreign',
    does: (scene) => {
      const [other] = filesOf(scene.directory, scene.chains[0]);
      const theirs = linesOf(scene.directory, other!)[4]!;
      let line = 0;
      const file = change(scene, (lines) => {
        const index = victim(lines);
        lines.splice(index, 0, theirs);
        line = index + 1;
      });
      return { file, line };
    },
  },
  {
    name: 'replaces the signature of a checkpoint',
    class: 'bad-signature',
    does: (scene) =>
      changeAll(scene, (lines) => {
        const index = lines.findIndex((line) => parse(line).t === 'checkpoint');
        const { seq, prev } = parse(lines[index]!);
        const forged = rehashed(lines[index]!, { sig: Buffer.alloc(64, 7).toString('base64url') });
        return [...lines.slice(0, index), ...rechained([forged, ...lines.slice(index + 1)], seq, prev)];
      }),
  },
  {
    name: 'writes the whole chain anew and signs it with a key of their own',
    class: 'bad-signature',
    does: (scene) => {
      const own = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
      changeAll(scene, (lines) =>
        resigned(lines.with(4, edited(lines[4]!)), own, (_note, _epoch, old) => old['seal'] as string),
      );
    },
  },
  {
    name: 'passes a checkpoint off as the end, to lose what follows',
    class: 'bad-signature',
    does: (scene) => {
      const last = scene.files.at(-1)!;
      const lines = linesOf(scene.directory, last);
      const index = lines.findIndex((line) => parse(line).t === 'checkpoint');
      writeLines(scene.directory, last, [...lines.slice(0, index), rehashed(lines[index]!, { t: 'end' })]);
      return { file: last, line: index + 1 };
    },
  },
  {
    name: 'goes on writing behind the end of a chain',
    class: 'inserted',
    does: (scene) => {
      const last = scene.files.at(-1)!;
      const lines = linesOf(scene.directory, last);
      const { seq, h } = parse(lines.at(-1)!);
      writeLines(scene.directory, last, [...lines, rehashed(lines.at(-2)!, { seq: seq + 1, prev: h, t: 'event' })]);
      return { file: last, line: lines.length + 1 };
    },
  },
  {
    name: 'cuts the end of a segment in the middle of a chain',
    class: 'cut-tail',
    does: (scene) => {
      const file = change(scene, (lines) => lines.slice(0, -3), 1);
      return { file, line: linesOf(scene.directory, file).length };
    },
  },
  {
    name: 'cuts the end of a chain that a later start has seen',
    class: 'cut-tail',
    does: (scene) => {
      const last = scene.files.at(-1)!;
      writeLines(scene.directory, last, linesOf(scene.directory, last).slice(0, -2));
      return { file: last };
    },
  },
  {
    name: 'cuts the end of the newest chain, of which receipts were given out',
    class: 'cut-tail',
    given: ({ log }) => ({ receipts: log.receipts }),
    does: (scene) => {
      const [file] = filesOf(scene.directory, scene.chains[2]);
      writeLines(scene.directory, file!, linesOf(scene.directory, file!).slice(0, -1));
    },
  },
  {
    name: 'cuts the newest chain back to an earlier checkpoint',
    class: 'cut-tail',
    does: (scene) => {
      const [file] = filesOf(scene.directory, scene.chains[2]);
      const lines = linesOf(scene.directory, file!);
      const first = lines.findIndex((line) => parse(line).t === 'checkpoint');
      writeLines(scene.directory, file!, lines.slice(0, first + 1));
    },
  },
  {
    name: 'removes a segment',
    class: 'missing-segment',
    does: ({ directory, files }) => {
      rmSync(join(directory, files[1]!));
      return { file: files[2]!, line: 1 };
    },
  },
  {
    name: 'removes the first segment of a chain',
    class: 'missing-segment',
    does: ({ directory, files }) => {
      rmSync(join(directory, files[0]!));
      return { file: files[1]!, line: 1 };
    },
  },
  {
    name: 'empties a segment',
    class: 'cut-tail',
    does: ({ directory, files }) => truncateSync(join(directory, files[1]!), 0),
  },
  {
    name: 'lets two segments change their names',
    class: 'reordered',
    does: ({ directory, files }) => {
      renameSync(join(directory, files[1]!), join(directory, 'aside'));
      renameSync(join(directory, files[2]!), join(directory, files[1]!));
      renameSync(join(directory, 'aside'), join(directory, files[2]!));
      return { file: files[1]!, line: 1 };
    },
  },
  {
    name: 'removes a chain between two others',
    class: 'missing-chain',
    does: ({ directory, files }) => files.forEach((file) => rmSync(join(directory, file))),
  },
  {
    name: 'removes the first chain',
    class: 'missing-chain',
    does: ({ directory, chains }) => filesOf(directory, chains[0]).forEach((file) => rmSync(join(directory, file))),
  },
  {
    name: 'removes the newest chain, whose generation of the ratchet is taken',
    class: 'missing-chain',
    does: ({ directory, chains }) => filesOf(directory, chains[2]).forEach((file) => rmSync(join(directory, file))),
  },
  {
    name: 'removes everything of an instance that must be there',
    class: 'missing-chain',
    given: () => ({ chains: ['web-7'] }),
    does: () => undefined,
  },
  {
    name: 'puts an older copy of the directory in its place',
    class: 'rollback',
    given: ({ log }) => ({ anchors: log.anchors }),
    does: ({ directory, older }) => {
      rmSync(directory, { recursive: true });
      cpSync(older, directory, { recursive: true });
    },
  },
  {
    name: 'leaves half a line at the end of a chain that has ended',
    class: 'torn-line',
    does: ({ directory, files }) => {
      const last = files.at(-1)!;
      const line = linesOf(directory, last).length + 1;
      appendFileSync(join(directory, last), '{"v":1,"chain":"half');
      return { file: last, line };
    },
  },
  {
    name: 'invents a record of retention for a segment that they remove',
    class: 'inserted',
    does: (scene) => {
      const { directory, files } = scene;
      const removed = parse(linesOf(directory, files[0]!).at(-1)!);
      rmSync(join(directory, files[0]!));
      const lines = files.slice(1).flatMap((file) => linesOf(directory, file));
      const first = parse(lines[0]!);
      const prune = rehashed(lines[0]!, {
        t: 'prune',
        removed: [{ file: files[0]!, lastSeq: removed.seq, head: removed.h, ratchet: first['ratchet'] }],
        before: [],
      });
      const made = rechained([lines[0]!, prune, ...lines.slice(1)], first.seq, first.prev);
      writeLines(directory, files[1]!, made);
      files.slice(2).forEach((file) => rmSync(join(directory, file)));
    },
  },
  {
    name: 'T: changes an event of the time before the theft and signs everything behind it anew',
    class: 'bad-epoch',
    does: (scene) =>
      changeAll(scene, (lines) =>
        resigned(
          lines.with(4, edited(lines[4]!)),
          scene.log.keys.signingKey,
          (_note, _epoch, old) => old['seal'] as string,
        ),
      ),
  },
  {
    name: 'T: seals all of it with the newest key of the ratchet, as in CVE-2023-31439',
    class: 'bad-epoch',
    does: (scene) => {
      const { key } = stolenEpoch(scene.directory, scene.chains[2]!);
      changeAll(scene, (lines) =>
        resigned(lines.with(4, edited(lines[4]!)), scene.log.keys.signingKey, (note) => sealOf(key, note)),
      );
    },
  },
  {
    name: "T: seals an old event of the running chain with that chain's own newest key",
    class: 'bad-epoch',
    does: (scene) => {
      const chain = scene.chains[2]!;
      const [file] = filesOf(scene.directory, chain);
      const { key } = stolenEpoch(scene.directory, chain);
      const lines = linesOf(scene.directory, file!);
      writeLines(
        scene.directory,
        file!,
        resigned(lines.with(4, edited(lines[4]!)), scene.log.keys.signingKey, (note) => sealOf(key, note)),
      );
    },
  },
  {
    name: 'T: cuts the running chain back and goes on with the newest key',
    class: 'missing-checkpoint',
    does: (scene) => {
      const chain = scene.chains[2]!;
      const [file] = filesOf(scene.directory, chain);
      const { key, epoch } = stolenEpoch(scene.directory, chain);
      const lines = linesOf(scene.directory, file!);
      const first = lines.findIndex((line) => parse(line).t === 'checkpoint');
      const later = lines.findIndex((line, index) => index > first && parse(line).t === 'checkpoint');
      const forged = lines[later]!.replace(/epoch \d+/, `epoch ${epoch}`);
      const rest = rechained([lines[first + 1]!, forged], parse(lines[first + 1]!).seq, parse(lines[first]!).h);
      const signed = resigned(rest, scene.log.keys.signingKey, (note) => sealOf(key, note));
      writeLines(scene.directory, file!, [...lines.slice(0, first + 1), ...signed]);
    },
  },
  {
    name: 'T: passes an old chain off as one that never had a ratchet',
    class: 'edited',
    does: (scene) =>
      changeAll(scene, (lines) => {
        const bare = [rehashed(edited(lines[0]!), { ratchet: null }), ...lines.slice(1)].map((line) =>
          line.replace(/\\nepoch \d+/, '').replace(/,"ratchet":\{[^}]*\}/, ''),
        );
        return resigned(bare, scene.log.keys.signingKey, () => undefined);
      }),
  },
  {
    name: 'T: removes the ratchet with the newest chain',
    class: 'cut-tail',
    given: ({ log }) => ({ receipts: log.receipts }),
    does: ({ directory, chains }) => {
      const [file] = filesOf(directory, chains[2]);
      writeLines(directory, file!, linesOf(directory, file!).slice(0, 5));
      for (const name of readdirSync(join(directory, 'ratchet'))) writeFileSync(join(directory, 'ratchet', name), '');
    },
  },
];
