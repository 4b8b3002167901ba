import type { JwtClaims } from '../request/claims.js';
import { asClaims, textClaim } from './claims-reader.js';
import { NeutralRule, SAID } from './neutral-rule.js';
import { allPresets } from './presets/index.js';
import type { Preset } from './presets/preset.js';
import { CompiledProfile } from './profile.js';
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
    ...(provider === null ? adviceFor(claims, kind) : []),
  ].join('\n');
}

/** Which preset to choose, and what it would make of the token. Nothing for what is no set of claims. Never throws. */
function adviceFor(claims: unknown, kind: TokenKind): readonly string[] {
  try {
    const set = asClaims(claims);
    return set === undefined ? [] : [`Preset to choose: ${advised(set, kind)}`];
  } catch {
    return [];
  }
}

function advised(claims: JwtClaims, kind: TokenKind): string {
  const token = viewOf(claims);
  const preset = allPresets().find(({ looksLike }) => looksLike?.(token) === true);
  if (preset !== undefined) {
    return `${preset.name} (${preset.title}), as m2m: { ${optionFor(preset, claims)} }. With it: ${KIND_WORDS[kindBy(preset.name, claims)]}.`;
  }
  if (kind !== 'unknown') return 'none is known for this issuer; the neutral rule is enough for this token.';
  if (standsForNobody(claims)) return 'none, because no preset makes this the token of a caller.';
  const standard = kindBy('rfc9068', claims);
  const fits =
    standard === 'unknown'
      ? 'none is known that tells more.'
      : `none fits for certain. If the issuer follows RFC 9068, rfc9068; with it: ${KIND_WORDS[standard]}.`;
  return `${fits} Otherwise describe the issuer with a profile.`;
}

function kindBy(preset: string, claims: JwtClaims): TokenKind {
  return new CompiledProfile({ extends: preset }).judge(claims).kind;
}

const standsForNobody = (claims: JwtClaims): boolean =>
  (new NeutralRule().hear(claims).said & (SAID.malformed | SAID['no-caller'])) !== 0;

/** Issuers are URLs of visible ASCII; anything else is not repeated, because it goes to a terminal. */
const isShowable = (issuer: string): boolean => issuer.length <= 300 && /^[!-~]+$/.test(issuer);

function optionFor({ name }: Preset, claims: JwtClaims): string {
  const issuer = textClaim(claims, 'iss');
  if (issuer === undefined || !isShowable(issuer)) return `provider: '${name}'`;
  return `issuers: { ${JSON.stringify(issuer)}: '${name}' }`;
}
