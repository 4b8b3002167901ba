import { readFile } from 'node:fs/promises';
import type { AuditReceipt } from '../audit/audit-event.js';
import { verifyAuditLog, type AuditVerification, type VerifyOptions } from '../audit/chain/verify/verify-audit-log.js';
import { OptionsError } from '../options/options-error.js';
import { Progress } from './progress.js';
import { USAGE, type Console, type Verb } from './verb.js';

const EXIT: Readonly<Record<AuditVerification['verdict'], number>> = { clean: 0, tampered: 1, incomplete: 2 };

/** Of each problem one line; the rest is in `--json`. */
const MOST_SHOWN = 20;

/** Says whether anybody has changed an audit trail, where, and how. */
export const auditVerify: Verb = {
  name: 'audit verify',
  usage: 'DIR [--public-key F] [--ratchet-key F] [--receipts F] [--anchors F] [--chains a,b] [--json]',
  summary: 'Whether anybody has changed an audit trail, where, and how. 0 clean, 1 tampered, 2 incomplete, 3 usage.',
  run: verify,
};

async function verify(args: readonly string[], console: Console): Promise<number> {
  const asked = argumentsOf(args);
  if (typeof asked === 'string') {
    console.error(asked);
    return USAGE;
  }
  const progress = new Progress(console);
  try {
    const options = await optionsOf(asked.options);
    const result = await verifyAuditLog(asked.directory, { ...options, onProgress: (count) => progress.at(count) });
    progress.end();
    console.out(asked.isJson ? JSON.stringify(result) : report(result));
    return EXIT[result.verdict];
  } catch (error) {
    progress.end();
    if (!(error instanceof OptionsError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    // 1 would say that somebody has changed the log.
    console.error(shown((error as Error).message.replace(/^verifyAuditLog\.(\w+)/, (_, name: string) => flagOf(name))));
    return USAGE;
  }
}

const FLAGS = {
  '--public-key': 'publicKey',
  '--ratchet-key': 'ratchetKey',
  '--receipts': 'receipts',
  '--anchors': 'anchors',
  '--chains': 'chains',
} as const;
type Flag = keyof typeof FLAGS;
type Given = Partial<Record<(typeof FLAGS)[Flag], string>>;

function flagOf(name: string): string {
  return Object.entries(FLAGS).find(([, option]) => option === name)?.[0] ?? name;
}

function argumentsOf(args: readonly string[]): { directory: string; options: Given; isJson: boolean } | string {
  const options: Given = {};
  const directories: string[] = [];
  let isJson = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--json') isJson = true;
    else if (Object.hasOwn(FLAGS, arg)) {
      const value = args[++index];
      if (value === undefined || value.startsWith('--')) return `${arg} needs a value.`;
      options[FLAGS[arg as Flag]] = value;
    } else if (arg.startsWith('--')) return `${shown(arg)} is no option of audit verify.`;
    else directories.push(arg);
  }
  if (directories.length !== 1) return 'Give the directory of the log, one.';
  return { directory: directories[0]!, options, isJson };
}

async function optionsOf({ publicKey, ratchetKey, receipts, anchors, chains }: Given): Promise<VerifyOptions> {
  return {
    ...(publicKey !== undefined && { publicKey: await readFile(publicKey) }),
    ...(ratchetKey !== undefined && { ratchetKey: (await readFile(ratchetKey)).toString('utf8').trim() }),
    ...(receipts !== undefined && { receipts: receiptsOf(await readFile(receipts, 'utf8')) }),
    ...(anchors !== undefined && { anchors: anchorsOf(await readFile(anchors, 'utf8')) }),
    ...(chains !== undefined && { chains: chains.split(',').map((chain) => chain.trim()) }),
  };
}

/** A JSON array, or one receipt a line. */
function receiptsOf(text: string): AuditReceipt[] {
  const json = text.trim();
  try {
    if (json.startsWith('[')) return JSON.parse(json) as AuditReceipt[];
    return json === '' ? [] : json.split('\n').map((line) => JSON.parse(line) as AuditReceipt);
  } catch {
    throw new OptionsError(
      'ERR_AUTH_SERVICES_OPTION_TYPE',
      '--receipts must be a JSON array of receipts, or one a line.',
    );
  }
}

/** Notes one after the other, as they are or as one JSON string a line. */
function anchorsOf(text: string): string[] {
  const notes = text.startsWith('"')
    ? text
        .trim()
        .split('\n')
        .map((line) => String(JSON.parse(line)))
        .join('\n')
    : text;
  return notes
    .split(/^(?=nestjs-auth-services\/)/m)
    .map((note) => `${note.trimEnd()}\n`)
    .filter((note) => note !== '\n');
}

function report({ verdict, problems, chains }: AuditVerification): string {
  const records = chains.reduce((sum, chain) => sum + chain.records, 0);
  const missing = chains.reduce((sum, chain) => sum + chain.possiblyMissing, 0);
  const lines = problems.slice(0, MOST_SHOWN).map(({ class: name, file, line, seq, message }) => {
    const place = [file, line > 0 && `line ${line}`, seq !== undefined && `seq ${seq}`].filter(Boolean).join(', ');
    return `  ${name}: ${place === '' ? '' : `${shown(place)}: `}${shown(message)}`;
  });
  if (problems.length > MOST_SHOWN) lines.push(`  and ${problems.length - MOST_SHOWN} more (--json lists them)`);
  return [
    SENTENCE[verdict],
    ...lines,
    `${records} records in ${chains.length} chains${missing > 0 ? `; up to ${missing} more may be missing` : ''}.`,
  ].join('\n');
}

const SENTENCE: Readonly<Record<AuditVerification['verdict'], string>> = {
  clean: 'CLEAN: every record is there, as it was written and signed, and the end is proved.',
  tampered: 'TAMPERED: somebody has changed this log.',
  incomplete: 'INCOMPLETE: nothing contradicts this log, but not all of it is proved.',
};

/** File names and records are an attacker's words: none of them reaches the terminal as a command. */
function shown(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- these are what is kept out
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
