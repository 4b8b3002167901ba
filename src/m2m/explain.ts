import { asClaims, textClaim } from './claims-reader.js';
import { allPresets } from './presets/index.js';
import type { Preset } from './presets/preset.js';
import { viewOf } from './rules/rule.js';
import type { TokenKind, TokenVerdict } from './token-verdict.js';

const KIND_WORDS: Readonly<Record<TokenKind, string>> = {
  m2m: 'a machine (m2m)',
  human: 'a person (human)',
  unknown: 'not told by this token (unknown)',
};

const CONFIDENCE_WORDS: Readonly<Record<TokenVerdict['confidence'], string>> = {
  stated: 'the issuer says so itself',
  structural: 'it follows from how the claims relate',
  weak: 'signs only',
};

const UNKNOWN_WORDS: Readonly<Record<TokenVerdict['confidence'], string>> = {
  stated: 'claims contradict each other, or the token stands for nobody',
  structural: 'claims contradict each other',
  weak: 'nothing in it is enough to tell',
};

/** The verdict in words that a support engineer understands. Never throws, and quotes no claim but the issuer. */
export function explained(claims: unknown, verdict: TokenVerdict, unknown: 'deny' | 'allow'): string {
  const { kind, confidence, reasons, provider } = verdict;
  const people = kind === 'human' || (kind === 'unknown' && unknown === 'allow');
  return [
    `This token is for: ${KIND_WORDS[kind]}.`,
    `How sure: ${kind === 'unknown' ? UNKNOWN_WORDS[confidence] : CONFIDENCE_WORDS[confidence]} (${confidence}).`,
    provider === null ? 'Decided by: the neutral rule.' : `Decided by: the preset "${provider}".`,
    'Because:',
    ...reasons.map((reason) => `  - ${reason}`),
    `What guards do: @HumanOnly() ${people ? 'lets it pass' : 'refuses it'}, @M2MOnly() ${kind === 'm2m' ? 'lets it pass' : 'refuses it'}.`,
    ...(provider === null && asClaimsSafely(claims) !== undefined ? [adviceFor(claims, kind)] : []),
  ].join('\n');
}

function adviceFor(claims: unknown, kind: TokenKind): string {
  const preset = suggestedPreset(claims);
  if (preset === undefined) {
    return kind === 'unknown'
      ? 'Preset to choose: none fits for certain. If the issuer follows RFC 9068, rfc9068; otherwise describe it with a profile.'
      : 'Preset to choose: none is known for this issuer; the neutral rule is enough for this token.';
  }
  const issuer = issuerOf(claims);
  const option =
    issuer === undefined ? `provider: '${preset.name}'` : `issuers: { ${JSON.stringify(issuer)}: '${preset.name}' }`;
  return `Preset to choose: ${preset.name} (${preset.title}), as m2m: { ${option} }.`;
}

/** The preset whose provider these claims look like, for a person to confirm. Never throws. */
function suggestedPreset(claims: unknown): Preset | undefined {
  const set = asClaimsSafely(claims);
  if (set === undefined) return undefined;
  try {
    const token = viewOf(set);
    return allPresets().find((preset) => preset.looksLike?.(token) === true);
  } catch {
    return undefined;
  }
}

function asClaimsSafely(claims: unknown): ReturnType<typeof asClaims> {
  try {
    return asClaims(claims);
  } catch {
    return undefined;
  }
}

/** The issuer on one line, cut where it is absurd: it goes to a terminal. */
function issuerOf(claims: unknown): string | undefined {
  try {
    const set = asClaims(claims);
    const issuer = set === undefined ? undefined : textClaim(set, 'iss');
    return issuer === undefined || issuer.length > 300 ? undefined : issuer;
  } catch {
    return undefined;
  }
}
