import { handoverOf } from '../ratchet.js';
import type { ChainContext, ChainVerifier } from './chain-verifier.js';
import type { LogChain } from './log-directory.js';
import { where } from './record-order.js';

const DEFAULT_CHECKPOINT_RECORDS = 1000;

/** Judges how a chain ends, and whether what it holds is proved. Answers with how many records may be missing. */
export function judgeEnd(chain: LogChain, read: ChainVerifier, context: ChainContext): number {
  const { problems, evidence } = context;
  const { checkpoints, last } = read;
  const place = last === undefined ? { file: chain.segments.at(-1)!.file, line: 0 } : where(last);
  const lastSeq = read.order.seq;
  const beyond = evidence.filter(({ seq }) => seq > lastSeq);
  if (beyond.length > 0) {
    const { source, seq } = beyond.at(-1)!;
    // Several anchored checkpoints are gone: that is no cut of the last lines.
    const isOld = new Set(beyond.filter(({ kind }) => kind === 'anchor').map((each) => each.source)).size > 1;
    problems.add({
      class: isOld ? 'rollback' : 'cut-tail',
      ...place,
      message: `the chain ends with record ${lastSeq}, but ${source} knows record ${seq}${isOld ? ': this is an older state of it' : ''}`,
    });
  }
  sayUnproved(chain, read, context, place);
  const missing = Math.max(0, (beyond.at(-1)?.seq ?? 0) - lastSeq);
  if (checkpoints.hasEnded) return missing;
  return Math.max(missing, judgeOpenEnd(chain, read, context, place));
}

function sayUnproved(
  chain: LogChain,
  { checkpoints }: ChainVerifier,
  { problems, keys }: ChainContext,
  place: { file: string; line: number },
): void {
  const isSigned = chain.kid !== undefined || chain.segments[0]!.no > 1;
  if (!checkpoints.isProving) {
    const has = chain.kid !== undefined || chain.ratchet !== undefined;
    const fix = has ? 'give its public key' : 'it was written without signingKey';
    problems.add({ class: 'unsigned', ...place, message: `no signature of the chain was checked: ${fix}` });
  } else if ((keys.publicKeys.length > 0 && !isSigned) || (checkpoints.hasEnded && checkpoints.provenSeq === 0)) {
    problems.add({
      class: 'unsigned',
      ...place,
      message: 'the chain is not signed: whoever can write it could make it anew',
    });
  } else if (keys.isRatchetWanted && chain.ratchet === undefined) {
    problems.add({
      class: 'unsealed',
      ...place,
      message: 'the chain has no ratchet: a thief of the signing key could make it anew',
    });
  }
}

function judgeOpenEnd(
  chain: LogChain,
  read: ChainVerifier,
  context: ChainContext,
  place: { file: string; line: number },
): number {
  const { problems, evidence } = context;
  const { checkpoints, last } = read;
  const interval = chain.checkpointRecords ?? DEFAULT_CHECKPOINT_RECORDS;
  const due = checkpoints.epoch;
  const state = knownEpoch(chain, read, context);
  if (chain.syncs && state !== undefined && due !== undefined && state - due >= 2) {
    const message = `${state - due - 1} checkpoints at least are missing at the end: the ratchet stands at ${state}, the log at ${due}`;
    problems.add({ class: 'cut-tail', ...place, message });
  }
  const covered = Math.max(0, ...evidence.filter(({ kind }) => kind !== 'chain').map(({ seq }) => seq));
  // A checkpoint says nothing that could be missed.
  const needed = read.order.seq - (last?.record.type === 'checkpoint' ? 1 : 0);
  if (covered > 0 && covered >= needed) return 0;
  const lost = state !== undefined && due !== undefined && state > due ? interval : 0;
  const possiblyMissing = Math.max(0, interval - checkpoints.uncovered) + lost;
  problems.add({
    class: 'open-end',
    ...place,
    message:
      `the chain has no end: its process was killed, or still runs. Up to ${possiblyMissing} records behind record ` +
      `${read.order.seq} may be missing${state === undefined ? ', more if somebody came before the next start' : ''}; ` +
      'receipts or anchors would tell',
  });
  return possiblyMissing;
}

/** How many checkpoints the chain had begun, sworn by whoever had its key: its own state, or the next start. */
function knownEpoch(chain: LogChain, { checkpoints, order }: ChainVerifier, context: ChainContext): number | undefined {
  const { state } = chain;
  if (state !== undefined && checkpoints.keyOf(state.epoch)?.equals(state.key) === true) return state.epoch;
  for (const { by, lastSeq, head, epoch, seal } of context.recoveries) {
    if (epoch === undefined || lastSeq < order.seq) continue;
    const key = checkpoints.keyOf(epoch);
    if (key === undefined) continue;
    if (handoverOf(key, by, lastSeq, head) === seal) return epoch;
    const message = `${by} takes the chain over with a seal that is not of epoch ${epoch}`;
    context.problems.add({ class: 'bad-epoch', file: chain.segments.at(-1)!.file, line: 0, message });
  }
  return undefined;
}
