import type { TestIssuer } from 'nestjs-auth-services/testing';
import type { LogStore } from './log-store.js';

/** What goes wrong in each minute, in turn, so that every panel has something to show. */
export type Incident = 'log store away' | 'client in a hurry' | 'forged tokens' | 'keys changed';

const MINUTE: readonly (readonly [fromSecond: number, toSecond: number, incident: Incident])[] = [
  [1, 7, 'log store away'],
  [14, 24, 'client in a hurry'],
  [28, 38, 'forged tokens'],
  [42, 50, 'keys changed'],
];

export function incidentAt(elapsedSeconds: number): Incident | undefined {
  const second = elapsedSeconds % 60;
  return MINUTE.find(([from, to]) => second >= from && second < to)?.[2];
}

/** How slow the issuer is with a new key set. */
const KEYS_AFTER_MS = 250;

/** Begins an incident that is no traffic but a part that fails, and ends the one before it. */
export async function bringAbout(
  incident: Incident | undefined,
  issuer: TestIssuer,
  logStore: LogStore,
): Promise<void> {
  logStore.isAway = incident === 'log store away';
  issuer.answerAfter(incident === 'keys changed' ? KEYS_AFTER_MS : 0);
  if (incident !== 'keys changed') return;
  const previous = issuer.jwk;
  await issuer.rotateKeys();
  issuer.publishKeys([issuer.jwk, previous]);
}
