import type { JwtClaims } from '../../request/claims.js';
import { claim, soleAudience, textClaim } from '../claims-reader.js';
import { clientIdOf, clientsDisagree } from '../client-id.js';
import { scopesOf } from '../scopes.js';

/**
 * What a rule says when it speaks. How the sayings weigh against each other is in `neutral-rule.ts`, in one place.
 *
 * - `malformed`: a claim that identifies somebody has a type it cannot have.
 * - `no-caller`: the token is no credential, or stands for nobody: refresh, logout, anonymous, a device.
 * - `machine`, `person`: the issuer's own word.
 * - `id-token`, `session`: somebody signed in at a browser; contradicts even the word "machine".
 * - `sign-in`: how somebody was authenticated; contradicts a structure, not a word.
 * - `machine-shape`: the claims relate as a specification says they do for a client that acts for itself.
 * - `person-self`: the subject is a person's by its form, or has a person's name; contradicts even the word "machine".
 * - `person-name`: the claim names a user; contradicts a structure. Pipelines name the user who started them.
 * - `person-sign`: usual with people, and seen on machines; decides only where nothing else speaks.
 * - `doubt`: named like a service account, but anybody may choose that name: keeps a name from deciding.
 */
export type Saying =
  | 'malformed'
  | 'no-caller'
  | 'machine'
  | 'person'
  | 'id-token'
  | 'session'
  | 'sign-in'
  | 'machine-shape'
  | 'person-self'
  | 'person-name'
  | 'person-sign'
  | 'doubt';

/** What the rules are asked about: the claims, and the three values that most of them need. */
export interface TokenView {
  readonly claims: JwtClaims;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly client: string | undefined;
  /** Another claim names another client than {@link client}. */
  readonly hasSeveralClients: boolean;
  /** The only audience, where there is exactly one. */
  readonly audience: string | undefined;
  readonly scopeList: readonly string[];
}

/**
 * What a rule wants of a value: text, anything but text, text with this character in it, or text that is also the token's
 * client, issuer or only audience.
 */
export type Having = 'text' | 'other' | ':' | '|' | '@' | 'client' | 'issuer' | 'audience';

export type Condition = (value: unknown, token: TokenView) => boolean;

/**
 * A rule speaks of a claim for which everything holds that it states: {@link claims}, {@link having}, one of {@link equals},
 * {@link begins} and {@link ends}, and last {@link when}. What can be stated in fields should be: rules are found by them, so that
 * a token asks only the few that its claims concern, and `when` need not say it again.
 */
export interface Rule {
  /** Stable: it appears in `reasons`. */
  readonly name: string;
  readonly says: Saying;
  /** One of these claims is there, and not null; without claims and scopes the rule is asked about every token. */
  readonly claims?: readonly string[];
  /** The token has one of these scopes, in whichever claim; the value that {@link when} is asked about is the scope. */
  readonly scopes?: readonly string[];
  /** The claim's value is like this. Not for rules that state its texts in the fields below. */
  readonly having?: Having;
  /** The value is exactly one of these; or else what {@link begins} or {@link ends} say, where they are given as well. */
  readonly equals?: readonly string[];
  /** The value begins with one of these. None is empty. */
  readonly begins?: readonly string[];
  /** The value ends with one of these. None is empty. */
  readonly ends?: readonly string[];
  /** What is left to ask. Without it, the rule speaks whenever all of the above holds. */
  readonly when?: Condition;
  /** Short, for a person who wonders about the verdict. Never quotes a value. */
  readonly words: string;
  /** Where it is written that this is so. */
  readonly source: string;
  /** The client, where the rule knows it and no claim of its own names it. */
  readonly clientId?: (token: TokenView) => string | undefined;
}

/** For rules about the subject: {@link Rule.when} of a predicate on its text. */
export function subject(matches: (subject: string) => boolean): Condition {
  return (_value, token) => token.subject !== undefined && matches(token.subject);
}

/** The view of a few tokens; `ReadToken` is for all of them. */
export function viewOf(claims: JwtClaims, clientIdClaims?: readonly string[]): TokenView {
  const client = clientIdOf(claims, clientIdClaims);
  return {
    claims,
    subject: textClaim(claims, 'sub'),
    issuer: textClaim(claims, 'iss'),
    client,
    hasSeveralClients: client !== undefined && clientsDisagree(claims, client),
    audience: soleAudience(claim(claims, 'aud')),
    scopeList: scopesOf(claims),
  };
}
