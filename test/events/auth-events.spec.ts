// Real: everything, node:diagnostics_channel included.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import { AUTH_EVENTS_CHANNEL, AuthEvents } from '../../src/events/auth-events.js';
import type { AuthEvent } from '../../src/events/auth-event.js';

const event: AuthEvent = { type: 'token.validated', durationMs: 1 };

describe('events', () => {
  it('reach every listener in order, also when one of them throws, whose mistake is told once', () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    const events = new AuthEvents((error) => void errors.push(error));
    events.subscribe(() => void seen.push('first'));
    events.subscribe(() => {
      throw new Error('mine');
    });
    const stop = events.subscribe(() => void seen.push('last'));
    events.publish(event);
    events.publish(event);
    stop();
    events.publish(event);
    expect(seen).toEqual(['first', 'last', 'first', 'last', 'first']);
    expect(errors).toEqual([new Error('mine')]);
  });

  it('survive a listener that leaves while it is being told', () => {
    const seen: string[] = [];
    const events = new AuthEvents();
    const stop = events.subscribe(() => {
      stop();
      seen.push('once');
    });
    events.subscribe(() => void seen.push('other'));
    events.publish(event);
    events.publish(event);
    expect(seen.filter((name) => name === 'once')).toHaveLength(1);
    expect(seen.filter((name) => name === 'other')).toHaveLength(2);
  });

  it('also go to the diagnostics channel, for tools that know nothing of Nest', () => {
    const seen: unknown[] = [];
    const listener = (message: unknown) => void seen.push(message);
    subscribe(AUTH_EVENTS_CHANNEL, listener);
    new AuthEvents().publish(event);
    unsubscribe(AUTH_EVENTS_CHANNEL, listener);
    new AuthEvents().publish(event);
    expect(seen).toEqual([event]);
  });
});
