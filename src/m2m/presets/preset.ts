import type { TokenView } from '../rules/rule.js';
import type { TokenKind } from '../token-verdict.js';

/** What is known of one provider. Rules are asked in order and the first that applies decides; if none does, the neutral rule does. */
export interface Preset {
  readonly name: string;
  /** How the provider calls itself. */
  readonly title: string;
  /** The pages that document its tokens; a rule that names none of them is from the first. */
  readonly sources: readonly string[];
  /** Where its client is, if not where most issuers put it. */
  readonly clientIdClaims?: readonly string[];
  readonly rules: readonly PresetRule[];
  /** The issuer looks like this provider's; only ever used to suggest a preset, never to decide. */
  readonly looksLike?: (token: TokenView) => boolean;
}

export interface PresetRule {
  readonly name: string;
  readonly kind: TokenKind;
  /** One of these claims is there, neither null nor empty; without them the rule is asked about every token. */
  readonly claims?: readonly string[];
  /** What is left to ask. Without it, the rule applies whenever one of its {@link claims} is there. */
  readonly when?: (token: TokenView) => boolean;
  /** Short, for a person who wonders about the verdict. Never quotes a value. */
  readonly words: string;
  /** The page that says so, if it is not the first of the preset's. */
  readonly source?: string;
  /** The client, where no claim of its own names it. */
  readonly clientId?: (token: TokenView) => string | undefined;
}

export const subjectAsClient = (token: TokenView): string | undefined => token.subject;

export const issuerHas =
  (part: string) =>
  (token: TokenView): boolean =>
    token.issuer?.includes(part) === true;
