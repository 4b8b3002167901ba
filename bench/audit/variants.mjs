// What bench/audit.mjs compares: { log, flush, append?, close?, isSlow?, file? } for a path of its own.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';

const { AuditLogger, FileAuditSink } = await import(new URL('../../dist/esm/index.js', import.meta.url));

/** Signed, ratcheted, synced. The paced run rotates some times a second and prunes, the burst as it is by default. */
function durableSink(directory) {
  const isPaced = directory.endsWith('paced');
  return new FileAuditSink({
    directory,
    signingKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ratchetKey: randomBytes(32).toString('hex'),
    ...(isPaced && { maxSegmentBytes: 524_288, retainSegments: 3 }),
  });
}

export const variants = {
  idle: () => ({ log: () => undefined, flush: async () => undefined }),

  'pino, async': async (file) => {
    const { default: pino } = await import('pino');
    const destination = pino.destination({ dest: file, sync: false, minLength: 4096 });
    await new Promise((resolve) => destination.once('ready', resolve));
    const logger = pino({ base: null, timestamp: false }, destination);
    return {
      file,
      log: (event) => logger.info(event),
      flush: () => new Promise((resolve, reject) => logger.flush((error) => (error ? reject(error) : resolve()))),
    };
  },

  // As its documentation shows it: an unbatched file drain, signed as a hash chain.
  'evlog, signed chain': async (directory) => {
    const { audit, initLogger, signed } = await import('evlog');
    const { createFsDrain } = await import('evlog/fs');
    const pending = new Set();
    const drain = signed(createFsDrain({ dir: directory }), { strategy: 'hash-chain' });
    initLogger({
      silent: true,
      redact: false,
      drain: (context) => {
        const writing = Promise.resolve(drain(context)).finally(() => pending.delete(writing));
        pending.add(writing);
        return writing;
      },
    });
    return {
      isSlow: true,
      log: ({ eventType, userId, outcome, path, ...rest }) =>
        audit({
          action: eventType,
          actor: { type: 'user', id: userId ?? 'anonymous' },
          outcome: outcome === 'error' ? 'failure' : outcome,
          target: { type: 'route', id: path, ...rest },
        }),
      flush: async () => {
        while (pending.size > 0) await Promise.all(pending);
      },
    };
  },

  'durable chain alone': (directory) => {
    mkdirSync(directory, { recursive: true });
    const sink = durableSink(directory);
    let batch = [];
    const writing = new Set();
    const send = () => {
      const events = batch;
      batch = [];
      const write = sink.write(events).finally(() => writing.delete(write));
      writing.add(write);
    };
    return {
      log: (event) => {
        if (batch.push(event) === 1) setImmediate(send);
      },
      flush: async () => {
        do {
          await new Promise((resolve) => setImmediate(resolve));
          await Promise.all(writing);
        } while (writing.size > 0 || batch.length > 0);
      },
      append: (event) => sink.append([event]),
      close: () => sink.close(),
    };
  },

  'AuditLogger, durable chain': (directory) => withLogger(directory, []),

  // Never answers; what its queue has no room for, it would be given from the files.
  'AuditLogger, a sink hangs beside': (directory) => ({
    ...withLogger(directory, [{ name: 'hangs', write: () => new Promise(() => undefined) }]),
    flush: async () => undefined,
    close: undefined,
  }),
};

function withLogger(directory, sinks) {
  mkdirSync(directory, { recursive: true });
  const logger = new AuditLogger({ sinks: [durableSink(directory), ...sinks] });
  return {
    log: (event) => logger.log(event),
    flush: async () => {
      await logger.flush();
      const { dropped } = logger.status;
      if (Object.keys(dropped).length > 0) throw new Error(`dropped: ${JSON.stringify(dropped)}`);
    },
    append: (event) => logger.append(event),
    close: () => logger.close(),
  };
}
