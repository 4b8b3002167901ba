import { auth0Client } from '../subject-patterns.js';
import type { TokenView } from './rule.js';

/** What a subject is called that acts for itself, in words with spaces between; an app or a device is none. */
export const isServiceProfile = (value: unknown): boolean =>
  typeof value === 'string' && value.split(' ').every((word) => word === 'service' || word === 'ai_agent');

/** The client of a token whose subject is the client: by a claim of its own, else the subject. */
export const clientIsSubject = ({ client, subject: sub }: TokenView): string | undefined =>
  client ?? (sub === undefined ? undefined : (auth0Client(sub) ?? sub));
