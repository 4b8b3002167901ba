import { DEFAULT_ALGORITHMS } from './algorithms.js';
import type { ClaimRules } from './claim-checks.js';
import type { JwtIssuer } from './jwt.options.js';
import { keyRefreshing } from './key-refreshing.js';
import { DiscoveredLocation, fixedLocation } from './key-set-location.js';
import { FixedKeys, type KeySource } from './key-source.js';
import { readKeySet } from './key-table.js';
import { RemoteKeys } from './remote-keys.js';
import { signatureCheck, type SignatureCheck } from './signature-check.js';
import { secretKey } from './verification-key.js';

/** `JOSE` is what SPIFFE allows beside `JWT`; what has any other type was made for something else (RFC 8725 section 3.11). */
const DEFAULT_TYPES = ['JWT', 'at+jwt', 'JOSE'];

export interface IssuerSurroundings {
  readonly toleranceSeconds: number;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
  readonly report: (message: string) => void;
}

/** One issuer, with everything that does not change from token to token prepared. */
export class TrustedIssuer {
  readonly algorithms: ReadonlySet<string>;
  readonly rules: ClaimRules;
  readonly keys: KeySource;
  readonly signatures: SignatureCheck;
  private readonly types: ReadonlySet<string>;
  private readonly typeless: boolean;

  constructor(options: JwtIssuer, surroundings: IssuerSurroundings) {
    const { issuer, audience, typ, algorithms = DEFAULT_ALGORITHMS } = options;
    this.algorithms = new Set(algorithms);
    this.rules = {
      audiences: audience === null ? null : new Set(typeof audience === 'string' ? [audience] : audience),
      maxAgeSeconds: options.maxAgeSeconds,
      toleranceSeconds: surroundings.toleranceSeconds,
    };
    this.types = new Set((typ ?? DEFAULT_TYPES).map(mediaType));
    this.typeless = typ === undefined;
    this.keys = keySource(options, surroundings);
    this.signatures = signatureCheck(issuer, algorithms);
  }

  acceptsType(typ: string | undefined): boolean {
    return typ === undefined ? this.typeless : this.types.has(mediaType(typ));
  }
}

/** RFC 7515 section 4.1.9: media types, compared without case, and `application/` may be left out. */
function mediaType(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower;
}

function keySource(options: JwtIssuer, { now, report }: IssuerSurroundings): KeySource {
  const { issuer, secret, jwks, jwksUri, algorithms = DEFAULT_ALGORITHMS } = options;
  if (secret !== undefined) {
    const key = secretKey(secret, algorithms);
    return new FixedKeys({ find: (_kid, alg) => (key.algorithms.has(alg) ? key : undefined) });
  }
  if (jwks !== undefined) return new FixedKeys(readKeySet(jwks)!);
  return new RemoteKeys({
    location: jwksUri === undefined ? new DiscoveredLocation(issuer, now) : fixedLocation(jwksUri),
    refreshing: keyRefreshing(options.keys),
    now,
    report: (what) => report(`The keys of ${JSON.stringify(issuer)} ${what}.`),
  });
}
