import { writeFile } from 'node:fs/promises';
import { packageFile } from './package-file.js';
import { USAGE, type Console, type Verb } from './verb.js';

/** A verb that hands out a file of the package: to standard output, or into a file that is not there yet. */
export function handOut(name: string, path: string, summary: string): Verb {
  return {
    name,
    usage: '[--out FILE [--force]]',
    summary,
    run: async (args, console) => {
      const target = targetOf(args);
      if (target === undefined) {
        console.error(`${name} takes --out with a file, --force with it, and nothing else.`);
        return USAGE;
      }
      await write(packageFile(path), target, console);
      return 0;
    },
  };
}

interface Target {
  /** Standard output where there is none. */
  readonly file?: string;
  readonly replaces: boolean;
}

function targetOf(args: readonly string[]): Target | undefined {
  const replaces = args.includes('--force');
  const [option, file, ...more] = args.filter((argument) => argument !== '--force');
  if (option === undefined) return replaces ? undefined : { replaces };
  if (option !== '--out' || file === undefined || file === '' || file.startsWith('--') || more.length > 0)
    return undefined;
  return { file, replaces };
}

async function write(text: string, { file, replaces }: Target, console: Console): Promise<void> {
  if (file === undefined) return console.out(text.trimEnd());
  try {
    // Somebody may have made it his own.
    await writeFile(file, text, { flag: replaces ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${file} is there already. --force replaces it.`, { cause: error });
  }
  console.error(`wrote ${file}`);
}
