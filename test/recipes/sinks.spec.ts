// Real: the recipes of docs/21-audit-sinks.md, pino with a file, the OpenTelemetry SDK, and a PostgreSQL of the test's own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { Pool } from 'pg';
import { destination, pino } from 'pino';
import { AuditLogger, type AuditEvent, type AuditSink } from '../../src/index.js';
import { until } from '../support/app.js';
import { Postgres } from '../support/postgres.js';
import { OtelAuditSink } from './otel-audit-sink.js';
import { PinoAuditSink } from './pino-audit-sink.js';
import { AUDIT_TABLE, PostgresAuditSink } from './postgres-audit-sink.js';

const HOSTILE = 'a\u0000b\u001b[31m\u2028"\\\ud800 \u202e end';

/** An ordinary event, one that was refused, and one of whatever a caller may send. */
async function logThree(sink: AuditSink): Promise<AuditLogger> {
  const logger = new AuditLogger({ sinks: [sink] });
  logger.log({
    eventType: 'request_success',
    outcome: 'success',
    userId: 'ann',
    statusCode: 200,
    route: '/orders/:id',
  });
  logger.logAuthFailure('expired_token', { ipAddress: '192.0.2.1' });
  logger.log({ eventType: 'order_refunded', userAgent: HOSTILE, metadata: { note: HOSTILE, amount: 12.5 } });
  await logger.flush();
  return logger;
}
const EXPECTED = [
  { eventType: 'request_success', userId: 'ann', statusCode: 200 },
  { eventType: 'auth_failure', reason: 'expired_token', ipAddress: '192.0.2.1' },
  { eventType: 'order_refunded', userAgent: HOSTILE, metadata: { note: HOSTILE, amount: 12.5 } },
];

describe('the recipes of docs/21-audit-sinks.md', () => {
  it.each(['pino-audit-sink', 'otel-audit-sink', 'postgres-audit-sink'])(
    'are what is tested here, so that a reader pastes what has run: %s',
    (name) => {
      const code = readFileSync(`test/recipes/${name}.ts`, 'utf8').replace(
        '../../src/index.js',
        'nestjs-auth-services',
      );
      expect(readFileSync('docs/21-audit-sinks.md', 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\``);
    },
  );
});

describe('the recipe for pino', () => {
  it('writes a line for each event, which reads back as it was', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pino-'));
    const path = join(directory, 'log');
    const logger = await logThree(new PinoAuditSink(pino(destination({ dest: path, sync: false, minLength: 4096 }))));
    expect(logger.status).toMatchObject({ state: 'ok', written: 3 });
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    const parsed = lines.map((line) => JSON.parse(line) as { level: number; msg: string; audit: AuditEvent });
    expect(parsed.map(({ audit }) => audit)).toMatchObject(EXPECTED);
    expect(parsed.map(({ level }) => level)).toEqual([30, 40, 30]);
    await logger.close();
    rmSync(directory, { recursive: true });
  });
});

describe('the recipe for OpenTelemetry', () => {
  it('emits a log record for each event, under the names of the semantic conventions', async () => {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
    const logger = await logThree(new OtelAuditSink(provider.getLogger('audit')));
    await provider.forceFlush();
    const records = exporter.getFinishedLogRecords();
    expect(records.map(({ attributes }) => attributes['audit.event'])).toMatchObject(EXPECTED);
    expect(records.map(({ eventName }) => eventName)).toEqual(EXPECTED.map(({ eventType }) => eventType));
    expect(records[0]!.attributes).toMatchObject({ 'user.id': 'ann', 'http.response.status_code': 200 });
    expect(records.map(({ severityNumber }) => severityNumber)).toEqual([9, 13, 9]);
    await logger.close();
    await provider.shutdown();
  });
});

describe('the recipe for PostgreSQL', () => {
  let postgres: Postgres;
  let pool: Pool;
  beforeAll(async () => {
    postgres = await Postgres.start();
    pool = new Pool({ ...postgres.connection, max: 2 });
    pool.on('error', () => undefined);
    await answering(pool);
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await postgres.remove();
  });

  it('stores each event, also those that hold what PostgreSQL cannot, and goes on when the server is back', async () => {
    await pool.query(AUDIT_TABLE);
    const logger = await logThree(new PostgresAuditSink(pool));
    const stored = async () =>
      (await pool.query<{ event: AuditEvent; user_id: string | null }>('SELECT * FROM audit_event ORDER BY id')).rows;
    expect((await stored()).map(({ event }) => event)).toMatchObject(EXPECTED);
    expect((await stored()).map(({ user_id }) => user_id)).toEqual(['ann', null, null]);

    await postgres.stop();
    for (let index = 0; index < 50; index++) logger.log({ eventType: 'while_away', metadata: { index } });
    await until(() => logger.status.state === 'failing', 'the outage is noticed');
    postgres.again();
    await until(() => logger.status.written === 53, 'everything has been written', 30_000);
    expect((await stored()).slice(3).map(({ event }) => event.metadata)).toEqual(
      Array.from({ length: 50 }, (_, index) => ({ index })),
    );
    expect(logger.status.dropped).toEqual({});
    await logger.close();
  }, 60_000);

  it('stores an event that comes twice once, and both of two that have no place in a chain', async () => {
    await pool.query(`DROP TABLE IF EXISTS audit_event; ${AUDIT_TABLE}`);
    const sink = new PostgresAuditSink(pool);
    const events = [1, 2].map((index) => ({ timestamp: new Date(index).toISOString(), eventType: `number_${index}` }));
    const places = events.map((_, index) => ({ chain: 'host.1', seq: index + 7 }));
    await sink.write(events.slice(0, 1), places);
    await sink.write(events, places);
    await sink.write(events);
    const { rows } = await pool.query<{ seq: string | null }>('SELECT seq FROM audit_event ORDER BY id');
    expect(rows.map(({ seq }) => seq)).toEqual(['7', '8', null, null]);
  });
});

async function answering(pool: Pool): Promise<void> {
  for (const end = performance.now() + 30_000; ;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
