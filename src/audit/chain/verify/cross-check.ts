import { GENESIS } from '../record.js';
import { nextGeneration } from '../ratchet.js';
import { parseSegmentName } from '../segment.js';
import type { ChainVerifier } from './chain-verifier.js';
import type { EvidenceBook } from './evidence.js';
import { placeOf, type LogDirectory } from './log-directory.js';
import type { AuditProblem, Problems } from './problem.js';

export interface CrossCheck {
  readonly log: LogDirectory;
  readonly read: ReadonlyMap<string, ChainVerifier>;
  readonly evidence: EvidenceBook;
  /** Chains or instances that must be there. */
  readonly expected: readonly string[];
  /** Of a line's generation 0, if the first key is known. */
  readonly lineKey: (line: string) => Buffer | undefined;
  readonly problems: Problems;
}

/** What no chain can say of itself: that it is there. */
export function crossCheck(check: CrossCheck): void {
  const { log, problems, expected } = check;
  if (log.chains.length === 0) {
    problems.add({ class: 'empty', file: '', line: 0, message: 'there is no audit log in this directory' });
  }
  for (const name of expected) {
    if (log.chains.some(({ id }) => id === name || id.startsWith(`${name}.`))) continue;
    problems.add({ class: 'missing-chain', file: '', line: 0, message: `the chain ${name} is not there` });
  }
  checkNamedChains(check);
  checkGenerations(check);
}

/** Chains that receipts, anchors or later chains speak of. */
function checkNamedChains({ log, evidence, problems, read }: CrossCheck): void {
  const present = new Set(log.chains.map(({ id }) => id));
  const newest = log.chains.at(-1);
  const isOpen = newest !== undefined && read.get(newest.id)?.checkpoints.hasEnded === false;
  for (const id of evidence.ids.filter((each) => !present.has(each))) {
    const known = evidence.of(id);
    const { source, seq } = known.at(-1)!;
    if ([...log.removed.values()].some(({ file, lastSeq }) => chainOf(file) === id && (lastSeq ?? seq) >= seq))
      continue;
    const isOutside = known.some(({ kind }) => kind !== 'chain');
    problems.add({
      class: isOutside && isOpen ? 'rollback' : 'missing-chain',
      file: '',
      line: 0,
      message: `the chain ${id}, of which ${source} knows record ${seq}, is not there`,
    });
  }
  // A process that died before its first record leaves nothing but what its successor says.
  for (const { of, lastSeq, head, epoch = 0 } of log.recoveries) {
    if (present.has(of) || lastSeq > 0 || head !== GENESIS) continue;
    problems.add(
      epoch < 2
        ? { class: 'open-end', file: '', line: 0, message: `the chain ${of} was begun, and its process died at once` }
        : {
            class: 'missing-chain',
            file: '',
            line: 0,
            message: `the chain ${of} had ${epoch - 1} checkpoints and is not there`,
          },
    );
  }
}

/** Each chain of a directory takes the next generation of its ratchet: a number that is not there was a chain. */
function checkGenerations({ log, problems, lineKey }: CrossCheck): void {
  const lines = new Map<string, Set<number>>();
  const add = (place: { line?: string | undefined; generation?: number | undefined } | undefined): void => {
    if (place?.line === undefined || place.generation === undefined) return;
    const generations = lines.get(place.line) ?? new Set();
    lines.set(place.line, generations.add(place.generation));
  };
  for (const { ratchet } of log.chains) add(ratchet);
  log.recoveries.forEach(add);
  const pruned: number[] = [];
  for (const removed of log.removed.values()) {
    const place = placeOf(removed.ratchet);
    add(place);
    if (place !== undefined) pruned.push(place.generation);
  }
  for (const [line, generations] of lines) {
    const next = log.lines.find((state) => state.line === line && isGenuine(state, lineKey(line)))?.generation ?? 0;
    const last = Math.max(next - 1, ...generations);
    if (last > MOST_GENERATIONS) continue;
    for (let generation = 0; generation <= last; generation++) {
      if (generations.has(generation)) continue;
      problems.add(absent(line, generation, generation < Math.min(Infinity, ...pruned) && pruned.length > 0));
    }
  }
}

/** Retention forgets what it removed long ago. */
function absent(line: string, generation: number, isOld: boolean): AuditProblem {
  const what = `chain number ${generation + 1} of the ratchet ${line}`;
  return isOld
    ? {
        class: 'unaccounted',
        file: '',
        line: 0,
        message: `${what} is not there, and what retention removed that long ago is not named any more`,
      }
    : { class: 'missing-chain', file: '', line: 0, message: `${what} is not there` };
}

function isGenuine(state: { generation: number; key: Buffer }, first: Buffer | undefined): boolean {
  if (first === undefined || state.generation > MOST_GENERATIONS) return false;
  let key = first;
  for (let generation = 0; generation < state.generation; generation++) key = nextGeneration(key);
  return key.equals(state.key);
}

const chainOf = (file: string): string => parseSegmentName(file)?.chain ?? '';
/** Starts of one directory; a made-up number must not keep the verifier busy. */
const MOST_GENERATIONS = 1_000_000;
