import type { TestIssuer } from 'nestjs-auth-services/testing';
import { bringAbout, incidentAt, type Incident } from './incidents.js';
import type { LogStore } from './log-store.js';

const TICKS_PER_SECOND = 10;
const PEOPLE = 20;
/** A token is used so often before its owner comes with a new one. */
const USES = 8;

/** Requests as an API gets them, until the process ends: people and machines, strangers, and now and then an incident. */
export class Traffic {
  private readonly tokens = new Map<string, { token: string; left: number }>();
  private ticks = 0;
  private incident: Incident | undefined;

  constructor(
    private readonly url: string,
    private readonly issuer: TestIssuer,
    private readonly logStore: LogStore,
  ) {}

  start(): void {
    setInterval(() => void this.tick().catch(() => undefined), 1000 / TICKS_PER_SECOND).unref();
  }

  private async tick(): Promise<void> {
    const tick = this.ticks++;
    const incident = incidentAt(tick / TICKS_PER_SECOND);
    if (incident !== this.incident) {
      this.incident = incident;
      await bringAbout(incident, this.issuer, this.logStore);
    }
    await Promise.all([...this.everyday(tick), ...this.extra(incident)]);
  }

  private everyday(tick: number): Promise<void>[] {
    // More and less, as a day has it.
    const people = 2 + Math.round(2 * Math.sin(tick / 40) ** 2);
    const calls = Array.from({ length: people }, (_, index) =>
      this.call('/orders', this.person((tick + index) % PEOPLE)),
    );
    if (tick % 2 === 0) calls.push(this.call('/orders', this.machine('billing-service')));
    if (tick % 3 === 0) calls.push(this.call('/search', this.person(tick % 5)));
    if (tick % 5 === 0) calls.push(this.call('/hello', Promise.resolve(undefined)));
    if (tick % 10 === 0) calls.push(this.call('/report', this.machine('report-service')));
    if (tick % 20 === 0) calls.push(this.call('/orders', this.expired()));
    return calls;
  }

  private extra(incident: Incident | undefined): Promise<void>[] {
    if (incident === 'client in a hurry')
      return [1, 2, 3].map(() => this.call('/report', this.machine('nightly-export')));
    if (incident === 'forged tokens') return [1, 2].map(() => this.call('/orders', this.forged()));
    return [];
  }

  private async call(path: string, token: Promise<string | undefined>): Promise<void> {
    const bearer = await token;
    const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    await (await fetch(this.url + path, { headers })).arrayBuffer();
  }

  private person(number: number): Promise<string> {
    return this.reused(`person-${number}`, () => this.issuer.human('cognito', { sub: `person-${number}` }));
  }

  private machine(clientId: string): Promise<string> {
    return this.reused(clientId, () => this.issuer.m2m('cognito', { sub: clientId, client_id: clientId }));
  }

  private expired(): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    return this.issuer.human('cognito', { sub: 'person-1', iat: seconds - 7200, exp: seconds - 3600 });
  }

  /** Other claims under an old signature. */
  private async forged(): Promise<string> {
    const [header, payload, signature] = (await this.person(1)).split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    return `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')}.${signature}`;
  }

  private async reused(owner: string, make: () => Promise<string>): Promise<string> {
    const held = this.tokens.get(owner);
    if (held !== undefined && held.left-- > 0) return held.token;
    const token = await make();
    this.tokens.set(owner, { token, left: USES });
    return token;
  }
}
