// One contender of bench/audit.mjs in a process of its own, which is told when its turn is: child.mjs VARIANT FOLDER EVENTS
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledged, burst, paced } from './slices.mjs';
import { variants } from './variants.mjs';

const [name, folder, count] = process.argv.slice(2);
const WARMING = 4;

const open = (how, variant = name) => variants[variant](join(folder, how));
// Where a sink hangs there is no burst to measure, only code to warm up: the same as without that sink.
const fast = await open('burst', name.includes('hangs') ? 'AuditLogger, durable chain' : name);
// The slow one has one logger for the process, and no paced slices.
const slow = fast.isSlow ? undefined : await open('paced');
const events = fast.isSlow ? Math.round(Number(count) / 20 / 200) * 200 : Number(count);

const slices = {
  burst: () => burst(fast, events),
  paced: () => paced(slow),
  acknowledged: () => acknowledged(fast, folder),
  end: async () => {
    await fast.close?.();
    await slow?.close?.();
    if (fast.file !== undefined && statSync(fast.file).size === 0) throw new Error('nothing was written');
  },
};
process.on('message', async (slice) => process.send((await slices[slice]()) ?? {}));

for (let warmed = 0; warmed < WARMING; warmed++) await burst(fast, events);
if (slow !== undefined) await paced(slow);
process.send('warm');
