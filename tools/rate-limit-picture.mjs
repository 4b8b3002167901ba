// docs/images/rate-limit-algorithms.svg: what one minute admits under each algorithm, of the same calls, decided by the
// package itself. usage: node tools/rate-limit-picture.mjs   (the package must be built)
import { writeFileSync } from 'node:fs';
import { RateLimiter, MemoryRateLimitStorage } from '../dist/esm/index.js';
import { ManualClock } from '../dist/esm/testing/index.js';
import { card } from './pictures/svg.mjs';

const LIMIT = 10;
/** Seconds: ten calls at the end of a minute, ten at the start of the next, and then one every three seconds. */
const CALLS = [
  ...Array.from({ length: 10 }, (_, i) => 54 + i * 0.6),
  ...Array.from({ length: 10 }, (_, i) => 60.3 + i * 0.6),
  ...Array.from({ length: 31 }, (_, i) => 69 + i * 3),
];
const ROWS = [
  { algorithm: 'sliding-window', settings: {}, note: 'never more than 10 in any minute, wherever it begins' },
  {
    algorithm: 'gcra',
    settings: { burst: 3 },
    note: 'burst 3: three at once, then one every six seconds; at most 13 in any minute',
  },
  { algorithm: 'fixed-window', settings: {}, note: '10 in each minute of the clock: 20 around its end' },
  { algorithm: 'concurrency', settings: {}, note: '10 at the same time; here each call takes seven seconds' },
];
const SECONDS_PER_CALL = 7;

async function admittedBy(algorithm, settings) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const limiter = new RateLimiter(
    { maxRequests: LIMIT, windowSeconds: 60, algorithm, ...settings },
    new MemoryRateLimitStorage({ now: clock.now }),
  );
  const held = [];
  let now = 0;
  const admitted = [];
  for (const at of CALLS) {
    clock.advance((at - now) * 1000);
    now = at;
    while (held.length > 0 && held[0].at + SECONDS_PER_CALL <= at) held.shift().release();
    const { allowed, release } = await limiter.consume('caller');
    if (allowed && release) held.push({ at, release });
    admitted.push(allowed);
  }
  return admitted;
}

/** The most that any minute holds. */
const worst = (times) => Math.max(...times.map((from) => times.filter((at) => at >= from && at - from < 60).length));

const [LEFT, RIGHT, TOP, HEIGHT] = [24, 24, 92, 92];
const WIDTH = 920;
const x = (second) => LEFT + ((second - 48) / 114) * (WIDTH - LEFT - RIGHT);
const parts = [];
let y = TOP;
for (const { algorithm, settings, note } of ROWS) {
  const admitted = await admittedBy(algorithm, settings);
  const times = CALLS.filter((_, i) => admitted[i]);
  const most = algorithm === 'concurrency' ? '' : `, at most ${worst(times)} in a minute`;
  parts.push(
    `<text x="${LEFT}" y="${y}" font-size="14" font-weight="600" fill="#111827">${algorithm}</text>`,
    `<text x="${LEFT + 130}" y="${y}" font-size="12" fill="#4b5563">${note}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${y}" font-size="12" text-anchor="end" fill="#111827">${times.length} of ${CALLS.length} admitted${most}</text>`,
    `<line x1="${LEFT}" y1="${y + 44}" x2="${WIDTH - RIGHT}" y2="${y + 44}" stroke="#d1d5db"/>`,
  );
  for (const minute of [60, 120]) {
    parts.push(
      `<line x1="${x(minute)}" y1="${y + 12}" x2="${x(minute)}" y2="${y + 52}" stroke="#9ca3af" stroke-dasharray="3 3"/>`,
    );
  }
  CALLS.forEach((at, i) => {
    const [height, color] = admitted[i] ? [26, '#15803d'] : [9, '#dc2626'];
    parts.push(
      `<rect x="${(x(at) - 1.6).toFixed(1)}" y="${y + 44 - height}" width="3.2" height="${height}" fill="${color}"/>`,
    );
  });
  y += HEIGHT;
}
for (const second of [60, 90, 120, 150]) {
  const label = `${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}`;
  parts.push(`<text x="${x(second)}" y="${y - 22}" font-size="11" text-anchor="middle" fill="#6b7280">${label}</text>`);
}
const about = `The same ${CALLS.length} calls under each algorithm with a limit of ${LIMIT} a minute: tall green bars were admitted, short red ones refused.`;
parts.unshift(`<text x="${LEFT}" y="62" font-size="13" fill="#4b5563">${about}</text>`);
const picture = card({ width: WIDTH, height: y, title: 'What each algorithm admits', about }, parts);
writeFileSync(new URL('../docs/images/rate-limit-algorithms.svg', import.meta.url), picture);
