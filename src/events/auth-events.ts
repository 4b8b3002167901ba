import { channel, type Channel } from 'node:diagnostics_channel';
import type { AuthEvent } from './auth-event.js';

/** Called with each event; what it throws is logged and touches nobody else. */
export type AuthEventListener = (event: AuthEvent) => void;

/** The name under which every event also goes to `node:diagnostics_channel`. */
export const AUTH_EVENTS_CHANNEL = 'nestjs-auth-services';

/**
 * Tells each listener what happened, at once and in order. A listener that throws hurts nobody else and never
 * the request: its error goes to `onListenerError`, once for each listener.
 */
export class AuthEvents {
  private listeners: readonly AuthEventListener[] = [];
  private readonly failed = new WeakSet<AuthEventListener>();
  private readonly channel: Channel = channel(AUTH_EVENTS_CHANNEL);

  constructor(private readonly onListenerError: (error: unknown) => void = () => undefined) {}

  /** Returns the function that ends the subscription. */
  subscribe(listener: AuthEventListener): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  /** Tells all listeners, and the diagnostics channel. */
  publish(event: AuthEvent): void {
    // Taken once: a listener may leave while it is being told. An index loop: this runs several times for each request.
    const { listeners } = this;
    for (let index = 0; index < listeners.length; index++) {
      const listener = listeners[index]!;
      try {
        listener(event);
      } catch (error) {
        this.reportOnce(listener, error);
      }
    }
    if (this.channel.hasSubscribers) this.channel.publish(event);
  }

  private reportOnce(listener: AuthEventListener, error: unknown): void {
    if (this.failed.has(listener)) return;
    this.failed.add(listener);
    this.onListenerError(error);
  }
}
