import type { Attack } from './attack.js';
import { onAlgorithm } from './on-the-algorithm.js';
import { onKey } from './on-the-key.js';
import { onIssuer } from './on-the-issuer.js';
import { onSpelling } from './on-the-spelling.js';
import { onSignature } from './on-the-signature.js';
import { onJson } from './on-the-json.js';
import { onHeader } from './on-the-header.js';
import { onClaims } from './on-the-claims.js';

export const ATTACKS: readonly Attack[] = [
  ...onAlgorithm,
  ...onKey,
  ...onIssuer,
  ...onSpelling,
  ...onSignature,
  ...onJson,
  ...onHeader,
  ...onClaims,
];
