import { readFile, stat } from 'node:fs/promises';
import { M2MTokenDetector } from '../m2m/m2m-token-detector.js';
import { presetNames } from '../m2m/presets/index.js';
import { OptionsError } from '../options/options-error.js';
import { shownClaims, shownText } from './shown-claims.js';
import { readUnverified } from './unverified-token.js';
import { USAGE, type Console, type Verb } from './verb.js';

const NOT_VERIFIED =
  'NOT VERIFIED: neither signature nor expiry, issuer or audience was checked. Anybody can write such a token; ' +
  'this only says how its claims would be read if they were true.';

/** Above this nothing is read: a token is a few kilobytes. */
const MAX_BYTES = 1_048_576;

/** Says what the detector makes of a token, and why: for whoever wonders about a 403. */
export const tokenExplain: Verb = {
  name: 'token explain',
  usage: '[--provider NAME] TOKEN|FILE|-',
  summary:
    "A token's claims, whether it is a person's or a machine's, why, and the preset to choose. Verifies nothing.",
  run: explainToken,
};

async function explainToken(args: readonly string[], console: Console): Promise<number> {
  const asked = argumentsOf(args);
  if (typeof asked === 'string') {
    console.error(asked);
    return USAGE;
  }
  const detector = detectorFor(asked.provider);
  if (typeof detector === 'string') {
    console.error(detector);
    return USAGE;
  }
  const input = await inputOf(asked.source, console);
  const token = input === undefined ? 'The input is larger than a mebibyte: this is no token.' : readUnverified(input);
  if (typeof token === 'string') {
    console.error(token);
    return 1;
  }
  const verdict = detector.classify(token.claims);
  console.out(
    [
      NOT_VERIFIED,
      '',
      ...(token.header === undefined ? [] : ['Header:', shownClaims(token.header), '']),
      'Claims:',
      shownClaims(token.claims),
      '',
      `Client: ${verdict.clientId === null ? 'none' : shownText(verdict.clientId)}`,
      `Scopes: ${verdict.scopes.length === 0 ? 'none' : shownText(verdict.scopes.slice(0, 20).join(' '))}`,
      ...(verdict.actor === null ? [] : ['Acting for the subject: somebody else (act); the subject stays who it is.']),
      '',
      detector.explain(token.claims),
      '',
      NOT_VERIFIED,
    ].join('\n'),
  );
  return 0;
}

interface Asked {
  readonly source: string;
  readonly provider: string | undefined;
}

function argumentsOf(args: readonly string[]): Asked | string {
  const rest = [...args];
  let provider: string | undefined;
  const at = rest.indexOf('--provider');
  if (at !== -1) {
    provider = rest.splice(at, 2)[1];
    if (provider === undefined) return `--provider needs a name: ${presetNames().join(', ')}.`;
  }
  const option = rest.find((arg) => arg.startsWith('--'));
  if (option !== undefined) return `${shownText(option)} is no option of token explain.`;
  if (rest.length !== 1) return 'Give one token, one file that holds one, or - to read it from standard input.';
  return { source: rest[0]!, provider };
}

function detectorFor(provider: string | undefined): M2MTokenDetector | string {
  try {
    return new M2MTokenDetector({ provider });
  } catch (error) {
    if (error instanceof OptionsError) return error.message.replace('m2m.provider', '--provider');
    throw error;
  }
}

/** The text of the argument: itself, the file of that name, or standard input. Undefined if it is too large to be a token. */
async function inputOf(source: string, console: Console): Promise<string | undefined> {
  if (source === '-') {
    const input = await console.stdin();
    return input.length > MAX_BYTES ? undefined : input;
  }
  const size = await sizeOfFile(source);
  if (size === undefined) return source;
  return size > MAX_BYTES ? undefined : readFile(source, 'utf8');
}

/** Tokens are longer than file names may be, and hold no slash: whatever cannot be looked up is no file. */
async function sizeOfFile(name: string): Promise<number | undefined> {
  try {
    const found = await stat(name);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
