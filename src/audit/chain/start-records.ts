import { createHash } from 'node:crypto';
import type { ChainRatchet } from './chain-ratchet.js';
import type { CheckpointSettings } from './checkpoints.js';
import { handoverOf } from './ratchet.js';
import type { AbandonedChain, RatchetShelf } from './ratchet-shelf.js';
import { GENESIS, RECORD_VERSION } from './record.js';
import type { ChainSettings, ControlRecord, FoundEnd, SegmentShelf } from './segment-shelf.js';

export interface FileChainSettings extends ChainSettings, CheckpointSettings {
  readonly ratchetKey: Buffer | undefined;
}

export interface StartFacts {
  readonly chain: string;
  readonly instance: string;
  readonly settings: FileChainSettings;
  readonly ratchet: ChainRatchet | undefined;
  /** What the logger is configured to, without secrets. */
  readonly logger: Readonly<Record<string, unknown>>;
}

/** A process that has died before its first record. */
interface NothingFound extends Pick<FoundEnd, 'seq' | 'head'> {
  readonly file: null;
  readonly last: null;
  readonly torn?: undefined;
}

/** Chains of this process, which lives, with their directories: a copy of one is dead. */
const OWN = new Set<string>();

/** How a chain begins: who writes it and how, where the chain before ends, and what a crash has left. */
export function startRecords(
  facts: StartFacts,
  segments: SegmentShelf,
  ratchets: RatchetShelf,
): { readonly records: readonly ControlRecord[]; readonly handedOver: readonly AbandonedChain[] } {
  const { chain, instance, settings, ratchet, logger } = facts;
  const { directory, signingKey } = settings;
  const own = (id: string): string => `${directory}\n${id}`;
  OWN.add(own(chain));
  const tail = segments.newestTail();
  const start: ControlRecord = [
    'start',
    {
      eventType: 'audit.start',
      format: `nas-audit-v${RECORD_VERSION}`,
      pid: process.pid,
      host: instance,
      node: process.version,
      kid: signingKey?.id ?? null,
      ratchet: segments.ratchet ?? null,
      previous: tail === undefined ? null : { chain: tail.chain, seq: tail.seq, head: tail.head, last: tail.last },
    },
  ];
  const handedOver = ratchets.abandoned(instance, isAlive).filter(({ state }) => !OWN.has(own(state.chain)));
  const recovered = ratchet === undefined ? [] : handedOver.map((each) => handover(each, chain, segments));
  const isTold = handedOver.some(({ state }) => state.chain === tail?.chain);
  const torn = tail?.torn === undefined || isTold ? undefined : segments.endOf(tail.chain);
  return {
    records: [
      start,
      ...recovered,
      ...(torn === undefined ? [] : [recover(tail!.chain, torn, {})]),
      configRecord({ sink: sinkConfig(settings), logger }),
    ],
    handedOver: ratchet === undefined ? [] : handedOver,
  };
}

/** Only who has the chain's key can say this: a verifier knows which checkpoint must have been its last. */
function handover({ state }: AbandonedChain, successor: string, segments: SegmentShelf): ControlRecord {
  const { chain, line, generation, epoch, key } = state;
  const end = segments.endOf(chain) ?? { file: null, seq: 0, head: GENESIS, last: null };
  const seal = handoverOf(key, successor, end.seq, end.head);
  return recover(chain, end, { line, generation, epoch, seal });
}

function recover(of: string, { file, seq, head, last, torn }: FoundEnd | NothingFound, sealed: object): ControlRecord {
  return ['recover', { of, file, lastSeq: seq, head, last, ...(torn && { torn }), ...sealed }];
}

/** Everything that decides what the log holds, without secrets and places. */
function sinkConfig(settings: FileChainSettings): object {
  const {
    signingKey: _signs,
    ratchetKey: _seals,
    instance: _name,
    directory: _place,
    onCheckpoint,
    ...shown
  } = settings;
  const { records, seconds, ...sink } = shown;
  return { ...sink, checkpointEvery: { records, seconds }, anchored: onCheckpoint !== undefined };
}

/** The hash is for whoever compares two starts. */
function configRecord(config: Readonly<Record<string, unknown>>): ControlRecord {
  const hash = createHash('sha256').update(JSON.stringify(config)).digest('base64url');
  return ['config', { eventType: 'audit.config', hash, config }];
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
