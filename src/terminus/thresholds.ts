import { either, number, oneOf, shape, type Check } from '../options/check.js';

/** What it takes to be called degraded or down. Each threshold can be switched off with `false`. */
export interface AuthHealthThresholds {
  /**
   * Over how long the success rate and the latency are judged, in seconds: what was recorded in the last one to two of
   * these. Not since the start: an outage would hide behind a good month, and a good hour behind an old outage. Until the
   * indicator has been asked for that long, since the start. Above 0, at most 86,400. @default 300
   */
  windowSeconds?: number | undefined;
  /** Degraded below this success rate, 0 to 100. @default 95 */
  degradedSuccessRate?: number | false | undefined;
  /**
   * Down below this success rate, 0 to 100; the original's is 90. Security: anybody can send bad tokens and bring the rate
   * down. Set it where a check tells people, not where it decides whether this process gets requests. @default false
   */
  downSuccessRate?: number | false | undefined;
  /** With fewer tokens in the window the success rate says nothing and is not judged. A whole number of at least 1. @default 100 */
  minTokens?: number | undefined;
  /** Degraded when 95 of 100 validations are not done within this many milliseconds. Above 0. @default 200 */
  degradedP95Ms?: number | false | undefined;
  /** Down when they are not done within this many milliseconds. Above 0. @default false */
  downP95Ms?: number | false | undefined;
  /** What an audit trail is called of which one sink takes no events. @default 'degraded' */
  auditDegraded?: 'degraded' | 'down' | false | undefined;
  /** What an audit trail is called of which no sink takes events. @default 'down' */
  auditFailing?: 'degraded' | 'down' | false | undefined;
  /** What it is called that the store of the rate limits cannot be reached. @default 'degraded' */
  storeDown?: 'degraded' | 'down' | false | undefined;
}

type Given = { readonly [K in keyof Required<AuthHealthThresholds>]: Exclude<AuthHealthThresholds[K], undefined> };

const DEFAULTS: Given = {
  windowSeconds: 300,
  degradedSuccessRate: 95,
  downSuccessRate: false,
  minTokens: 100,
  degradedP95Ms: 200,
  downP95Ms: false,
  auditDegraded: 'degraded',
  auditFailing: 'down',
  storeDown: 'degraded',
};

const rate = either('a number of at least 0 and at most 100, or false', number({ min: 0, max: 100 }), oneOf(false));
const milliseconds = either('a number above 0, or false', number({ above: 0 }), oneOf(false));
const severity = oneOf('degraded', 'down', false);

const checkThresholds: Check = shape<AuthHealthThresholds>({
  windowSeconds: number({ above: 0, max: 86_400 }),
  degradedSuccessRate: rate,
  downSuccessRate: rate,
  minTokens: number({ integer: true, min: 1 }),
  degradedP95Ms: milliseconds,
  downP95Ms: milliseconds,
  auditDegraded: severity,
  auditFailing: severity,
  storeDown: severity,
});

/** @throws OptionsError naming the threshold, its value and what it takes. */
export function thresholdsOf(given: AuthHealthThresholds, path: string): Given {
  checkThresholds(given, path);
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...(Object.fromEntries(present) as Partial<Given>) };
}

export type CheckedThresholds = Given;
