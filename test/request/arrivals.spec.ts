// Real: the event loop, async contexts. Faked: nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { Arrivals } from '../../src/request/arrivals.js';

/** Keeps the processor for so long. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Adds requests, each of which keeps the processor for so long, and tells in which turn each of them went on. */
async function turnsOf(arrivals: Arrivals, requests: number, ms: number): Promise<number[]> {
  const turns: number[] = [];
  let turn = 0;
  for (let number = 0; number < requests; number++) {
    arrivals.add(() => {
      work(ms);
      turns.push(turn);
    });
  }
  while (turns.length < requests) {
    await nextTurn();
    turn++;
  }
  return turns;
}

/** How many went on in each turn, in order. */
const groupsOf = (turns: readonly number[]): number[] =>
  [...new Set(turns)].map((turn) => turns.filter((other) => other === turn).length);

describe('requests that arrive in one turn of the event loop', () => {
  it('go on together at its end, in their order, because each step of many costs less than many ways of one', async () => {
    const arrivals = new Arrivals();
    const steps: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      arrivals.add(() => {
        steps.push(`${name}1`);
        void Promise.resolve().then(() => steps.push(`${name}2`));
      });
    }
    expect(steps).toEqual([]);
    await nextTurn();
    expect(steps).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  });

  it('are at most sixteen in a group, so that the first does not wait for hundreds', async () => {
    expect(groupsOf(await turnsOf(new Arrivals(), 40, 0))).toEqual([16, 16, 8]);
  });

  it('go on one by one where each keeps the processor for long, because then nobody is to wait for others, and together again afterwards', async () => {
    const arrivals = new Arrivals();
    await turnsOf(arrivals, 60, 12);
    expect(Math.max(...groupsOf(await turnsOf(arrivals, 4, 12)))).toBe(1);
    await turnsOf(arrivals, 400, 0);
    expect(Math.max(...groupsOf(await turnsOf(arrivals, 40, 0)))).toBe(16);
  });

  it("are together after a quiet time too, because the time between two that came alone is nobody's work", async () => {
    const arrivals = new Arrivals();
    for (let number = 0; number < 20; number++) {
      await turnsOf(arrivals, 1, 0);
      work(15);
    }
    expect(groupsOf(await turnsOf(arrivals, 40, 0))).toEqual([16, 16, 8]);
  });

  it('keep the async context that each came in, because a tracer or a store of the application hangs on it', async () => {
    const store = new AsyncLocalStorage<string>();
    const arrivals = new Arrivals();
    const seen: (string | undefined)[] = [];
    for (const name of ['a', 'b']) {
      store.run(name, () =>
        arrivals.add(() => {
          seen.push(store.getStore());
          void Promise.resolve().then(() => seen.push(store.getStore()));
        }),
      );
    }
    arrivals.add(() => seen.push(store.getStore()));
    await nextTurn();
    expect(seen).toEqual(['a', 'b', undefined, 'a', 'b']);
  });

  it('hurt nobody else when one throws, because the others have nothing to do with it', async () => {
    const arrivals = new Arrivals();
    const gone: string[] = [];
    const failure = new Error('of the framework');
    const turns: (() => void)[] = [];
    const setImmediateSpy = jest.spyOn(globalThis, 'setImmediate').mockImplementation(((turn: () => void) => {
      turns.push(turn);
    }) as never);
    arrivals.add(() => gone.push('a'));
    arrivals.add(() => {
      throw failure;
    });
    arrivals.add(() => gone.push('c'));
    expect(turns.shift()).toThrow(failure);
    turns.shift()!();
    setImmediateSpy.mockRestore();
    expect(gone).toEqual(['a', 'c']);
  });
});

describe('a request whose body is on its way', () => {
  it('loses nothing of it while it waits for the end of the turn', async () => {
    const arrivals = new Arrivals();
    const server: Server = createServer((arrived, response) => {
      arrivals.add(() => {
        let length = 0;
        arrived.on('data', (chunk: Buffer) => (length += chunk.length));
        arrived.on('end', () => response.end(String(length)));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = new Promise<IncomingMessage>((resolve) => {
      ask({ port, method: 'POST', headers: { 'content-length': 300_000 } }, resolve).end(Buffer.alloc(300_000));
    });
    const response = await answer;
    response.setEncoding('utf8');
    expect((await response.toArray()).join('')).toBe('300000');
    server.close();
  });
});
