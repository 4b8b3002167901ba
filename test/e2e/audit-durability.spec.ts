// Real: the module on both frameworks and sockets, and, where a file is named, the file chain on a disk. Elsewhere the durable
// sink is the test's own, so that it can be slow, refuse or hang when the test says so.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, HttpCode, Module, Post, Redirect, Res, Sse, UseGuards, type Type } from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EMPTY, of } from 'rxjs';
import {
  Audit,
  AuditLogger,
  AuthServicesModule,
  FileAuditSink,
  type AuditEvent,
  type AuditSink,
} from '../../src/index.js';
import { ADAPTERS, createApp, startApp, until, type RunningApp } from '../support/app.js';
import { HeaderAuthGuard } from '../support/header-auth.js';

/** A disk that answers as it is told. */
class Disk {
  readonly name = 'disk';
  readonly durable = true;
  readonly chain = 'test';
  readonly maxBatchEvents = 100;
  readonly written: AuditEvent[] = [];
  mood: 'well' | 'refuses' | 'hangs' = 'well';
  private seq = 0;
  private release: (() => void)[] = [];

  async append(events: readonly AuditEvent[]) {
    if (this.mood === 'refuses') throw new Error('ENOSPC');
    if (this.mood === 'hangs') await new Promise<void>((resolve) => this.release.push(resolve));
    this.written.push(...events);
    return events.map(() => ({ chain: this.chain, seq: ++this.seq, hash: '' }));
  }
  async write(events: readonly AuditEvent[]) {
    await this.append(events);
  }
  drainSync(events: readonly AuditEvent[]) {
    this.written.push(...events);
  }
  noteGap() {}
  noteConfig() {}
  async *read() {}
  recover() {
    this.mood = 'well';
    for (const release of this.release.splice(0)) release();
  }
}

let handled: string[] = [];
let release: () => void = () => undefined;

@Controller()
class MoneyController {
  @Audit({ durability: 'durable', action: 'pay', metadata: (_caller, paid: { id: string }) => ({ paid: paid.id }) })
  @Post('pay')
  @HttpCode(202)
  pay() {
    handled.push('pay');
    return { id: 'p1' };
  }
  @Audit({ durability: 'durable' })
  @Get('fails')
  fails() {
    throw new RangeError('no money');
  }
  @Audit({ durability: 'durable' })
  @Get('values')
  values() {
    return of(1, 2, 3);
  }
  @Audit({ durability: 'durable' })
  @Get('nothing')
  nothing() {
    return EMPTY;
  }
  @Audit({ durability: 'durable' })
  @Redirect()
  @Get('receipt')
  receipt() {
    return { url: '/elsewhere', statusCode: 303 };
  }
  @Audit({ durability: 'durable' })
  @Get('passthrough')
  passthrough(@Res({ passthrough: true }) response: { header(name: string, value: string): void }) {
    response.header('x-paid', 'yes');
    return 'ok';
  }
  @Audit({ durability: 'durable' })
  @UseGuards(HeaderAuthGuard)
  @Get('guarded')
  guarded() {
    return 'in';
  }
  @Audit({ durability: 'durable' })
  @Get('waits')
  async waits() {
    await new Promise<void>((resolve) => (release = resolve));
    return 'late';
  }
  @Audit({ durability: 'intent', action: 'wire' })
  @Post('wire')
  wire() {
    handled.push('wire');
    return 'sent';
  }
}

async function start(adapter: (typeof ADAPTERS)[number], sinks: readonly AuditSink[]): Promise<RunningApp> {
  @Module({
    imports: [AuthServicesModule.forRoot({ audit: { sinks } })],
    controllers: [MoneyController],
  })
  class App {}
  return startApp(adapter, App as Type);
}

describe.each(ADAPTERS)('durability on %s', (adapter) => {
  let disk: Disk;
  let running: RunningApp;
  beforeEach(async () => {
    handled = [];
    disk = new Disk();
    running = await start(adapter, [disk]);
  });
  afterEach(() => {
    disk.recover();
    return running.close();
  });
  const ask = (path: string, method = 'GET', headers = {}) =>
    fetch(running.url + path, { method, headers, redirect: 'manual' });
  /** Everything that was written for the request, once what is buffered is there as well. */
  async function written(): Promise<readonly AuditEvent[]> {
    await (await ask('/elsewhere')).text();
    await until(() => disk.written.some(({ path }) => path === '/elsewhere'), 'the next request is written');
    return disk.written.filter(({ path }) => path !== '/elsewhere');
  }

  it.each([
    ['/pay', 'POST', 202, { eventType: 'request_success', action: 'pay', metadata: { paid: 'p1' }, route: '/pay' }],
    ['/fails', 'GET', 500, { eventType: 'request_exception', reason: 'RangeError: no money' }],
    ['/values', 'GET', 200, { eventType: 'request_success' }],
    ['/nothing', 'GET', 500, { eventType: 'request_exception', reason: expect.stringContaining('EmptyError') }],
    ['/receipt', 'GET', 303, { eventType: 'request_success' }],
    ['/passthrough', 'GET', 200, { eventType: 'request_success' }],
  ])(
    'durable: its one event is on the disk before the response leaves: %s',
    async (path, method, statusCode, event) => {
      const response = await ask(path, method);
      // Looked at before anything else can have been written.
      expect(disk.written).toMatchObject([{ ...event, statusCode, path, method, durationMs: expect.any(Number) }]);
      expect(response.status).toBe(statusCode);
      await response.text();
      expect(await written()).toHaveLength(1);
    },
  );

  it('durable: no response leaves while the disk is at it', async () => {
    disk.mood = 'hangs';
    let hasLeft = false;
    const asked = ask('/pay', 'POST').then(() => (hasLeft = true));
    await until(() => handled.length > 0, 'the handler has run');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(hasLeft).toBe(false);
    disk.recover();
    await asked;
    expect(disk.written).toHaveLength(1);
  });

  it('durable: what was done is answered as done when the disk refuses, counted, and its event follows', async () => {
    disk.mood = 'refuses';
    expect((await ask('/pay', 'POST')).status).toBe(202);
    const { status } = running.app.get(AuditLogger);
    expect(status.errors).toEqual({ durable: 1 });
    expect(status.state).toBe('failing');
    disk.recover();
    await until(() => disk.written.length > 0, 'the event is written');
    expect(await written()).toMatchObject([{ path: '/pay', statusCode: 202 }]);
  });

  it('durable: a guard that refuses leaves its event when the response has ended, as anywhere', async () => {
    expect((await ask('/guarded')).status).toBe(401);
    expect((await ask('/guarded', 'GET', { 'x-user': 'ann' })).status).toBe(200);
    expect(await written()).toMatchObject([
      { eventType: 'auth_failure', statusCode: 401 },
      { eventType: 'request_success', statusCode: 200, userId: 'ann', isM2M: false },
    ]);
  });

  it('durable: a client that goes away before the handler has settled leaves one event', async () => {
    const leaving = new AbortController();
    const asked = fetch(`${running.url}/waits`, { signal: leaving.signal }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    leaving.abort();
    await asked;
    await until(() => disk.written.length > 0, 'the event is written');
    release();
    expect(await written()).toMatchObject([{ eventType: 'request_aborted', path: '/waits' }]);
  });

  it('intent: the record is on the disk before the handler runs, and the outcome follows under its request id', async () => {
    disk.mood = 'hangs';
    const asked = ask('/wire', 'POST');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(handled).toEqual([]);
    disk.recover();
    expect((await asked).status).toBe(201);
    const [intent, outcome, ...more] = await written();
    expect(intent).toMatchObject({ eventType: 'request_intent', action: 'wire', path: '/wire', method: 'POST' });
    expect(intent).not.toHaveProperty('statusCode');
    expect(outcome).toMatchObject({ eventType: 'request_success', action: 'wire', statusCode: 201 });
    expect(outcome!.requestId).toBe(intent!.requestId);
    expect(outcome!.requestId).toEqual(expect.any(String));
    expect(more).toEqual([]);
  });

  it.each(['refuses', 'hangs'] as const)(
    'intent: 503 with Retry-After, and the handler never runs, when the disk %s',
    async (mood) => {
      disk.mood = mood;
      const response = await ask('/wire', 'POST');
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({ statusCode: 503, code: 'audit_unavailable' });
      expect(handled).toEqual([]);
      disk.recover();
      const outcomes = (await written()).filter(({ eventType }) => eventType !== 'request_intent');
      expect(outcomes).toMatchObject([
        { eventType: 'request_error', statusCode: 503, reason: 'audit_unavailable', action: 'wire' },
      ]);
    },
  );
});

describe('durability with the file chain', () => {
  it.each(ADAPTERS)('is in the file when the client has the answer, on %s', async (adapter) => {
    const directory = mkdtempSync(join(tmpdir(), 'durability-'));
    const running = await start(adapter, [new FileAuditSink({ directory })]);
    for (const path of ['/pay', '/wire']) {
      const response = await fetch(running.url + path, { method: 'POST' });
      const lines = readdirSync(directory)
        .map((file) => readFileSync(join(directory, file), 'utf8'))
        .join('');
      expect(response.ok).toBe(true);
      expect(lines).toContain(`"path":"${path}"`);
    }
    await running.close();
    rmSync(directory, { recursive: true });
  });
});

describe('durability that cannot hold', () => {
  const graphql = () => GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true });
  const refusal = (controller: Type, sinks: readonly AuditSink[] = [new Disk()]) => {
    const isResolver = Reflect.hasMetadata('graphql:resolver_type', controller);
    @Module({
      imports: [AuthServicesModule.forRoot({ audit: { sinks } }), ...(isResolver ? [graphql()] : [])],
      ...(isResolver ? { providers: [controller] } : { controllers: [controller] }),
    })
    class App {}
    return createApp('express', App as Type).then(
      (app) => app.close(),
      (error: Error) => error.message,
    );
  };

  it('is refused at start, because it would fail in silence later', async () => {
    @Controller()
    class Events {
      @Audit({ durability: 'durable' })
      @Sse('events')
      events() {
        return EMPTY;
      }
    }
    @Controller()
    @Audit({ durability: 'intent' })
    class ByHand {
      @Get('by-hand')
      byHand(@Res() response: { send(body: string): void }) {
        response.send('sent');
      }
    }
    @Resolver()
    class Ticks {
      @Query(() => String)
      now() {
        return 'now';
      }
      @Audit({ durability: 'durable' })
      @Subscription(() => String)
      async *ticks() {
        await Promise.resolve();
        yield 'one';
      }
    }
    expect(await refusal(Ticks)).toMatch(/Ticks\.ticks cannot hold: its answer is a stream of events/);
    expect(await refusal(Events)).toMatch(/Events\.events cannot hold: its answer is a stream of events/);
    expect(await refusal(ByHand)).toMatch(
      /'intent' \}\) on ByHand\.byHand cannot hold: it sends the response by itself/,
    );
    expect(await refusal(MoneyController, [{ write: () => undefined }])).toMatch(/no sink can confirm.*FileAuditSink/);
    expect(await refusal(MoneyController)).toBeUndefined();
  });
});
