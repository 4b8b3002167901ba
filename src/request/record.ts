import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, CallerSource } from './caller.js';
import { http } from './transports/http.js';
import type { TransportDefinition } from './transports/transport.js';

/** What a guard of ours refused, as audit and metrics need it. */
export interface NotedRefusal {
  readonly statusCode: number;
  readonly code: string;
}

/** What the audit interceptor and `@Audit()` add to the event of a call. */
export interface AuditNotes {
  readonly action?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What is known of one call (a request, a message, a GraphQL field): who is calling, what was decided, why.
 * Rooms write to it and read from it; nothing is put on the request object.
 */
export class RequestRecord {
  /** Set by whoever resolves it first with a principal present; asked again until then. */
  caller: Caller | undefined = undefined;
  /** An HTTP request's headers as it arrived, read before a framework has made its own object of it. */
  headers: IncomingHttpHeaders | undefined = undefined;
  /** The caller's address as it arrived, where that is the connection's own. */
  address: string | undefined = undefined;
  /** Whoever resolves the caller for the application that this call came to. */
  callers: CallerSource | undefined = undefined;
  /** Why authentication failed: a category, never sent to the caller. */
  authFailure: string | undefined = undefined;
  refusal: NotedRefusal | undefined = undefined;
  /** What was thrown, by whomever; `thrown` tells an `undefined` that was thrown from nothing. */
  exception: unknown = undefined;
  thrown = false;
  controller: Function | undefined = undefined;
  handler: Function | undefined = undefined;
  audit: AuditNotes | undefined = undefined;
  /** What `rate-limit/` has asked for this call so far, so that it asks once; nobody else's business. */
  limits: unknown = undefined;
  /** The event of this call has been written already, or must not be (see `audit/`). */
  audited = false;
  /** Its response has left, or its connection has gone, or its handler has settled where no response ends: told once. */
  ended = false;
  /** What was called, in the transport's own words (`Mutation.login`, a message's pattern); an HTTP request is asked itself. */
  route: string | undefined = undefined;
  /** What its events share, where its request brought no id of its own. */
  requestId: string | undefined = undefined;
  /** Until the handler had settled, where that is noted: the fields of a GraphQL operation. */
  durationMs: number | undefined = undefined;
  /** The GraphQL root fields that this HTTP request asked for and that have settled: what happened is theirs to tell. */
  fields: RequestRecord[] | undefined = undefined;
  /** A token was verified or refused by our own guard, which has timed and told it. */
  validated = false;
  /** Who accepted the token of this call: a guard that stands on it twice asks once. */
  verifiedBy: object | undefined = undefined;

  constructor(
    /** The framework's request once there is one, before that Node's own. */
    public request: unknown,
    public response: unknown,
    /** `performance.now()` when the call arrived. */
    readonly startedAt: number,
    readonly transport: TransportDefinition = http,
  ) {}
}

/** Where the records of a process are kept: one place for it, also when two copies of the package are loaded. */
interface Records {
  of(call: object): RequestRecord | undefined;
  keep(call: object, record: RequestRecord): void;
}

const RECORDS = Symbol.for('nestjs-auth-services.records');

function records(): Records {
  return ((globalThis as { [RECORDS]?: Records })[RECORDS] ??= makeRecords());
}

/**
 * A private field of the request, which nobody else can see, list or copy. A WeakMap would say the same; but one whose keys
 * live as short as a request costs the collector a third of a bare application's time (bench/README.md).
 */
function makeRecords(): Records {
  // oxlint-disable-next-line typescript/no-extraneous-class -- it is its constructor that is wanted
  class Itself {
    constructor(call: object) {
      // oxlint-disable-next-line no-constructor-return -- so that the subclass puts its field onto what it is given
      return call;
    }
  }
  class Kept extends Itself {
    readonly #record: RequestRecord;
    constructor(call: object, record: RequestRecord) {
      super(call);
      this.#record = record;
    }
    static of(call: object): RequestRecord | undefined {
      return #record in call ? call.#record : undefined;
    }
  }
  return {
    of: (call) => Kept.of(call),
    keep: (call, record) => void new Kept(call, record),
  };
}

/**
 * The call that was asked for last, and its record. Entrance, guards and handler of one request ask one after the other, and
 * each look at Express's request costs half a microsecond: it has a prototype of its own making.
 */
let lastCall: object | undefined;
let lastRecord: RequestRecord | undefined;

/** The record of a call, if one was opened. On HTTP the key is Node's own request. */
export function findRecord(call: object): RequestRecord | undefined {
  if (call === lastCall) return lastRecord;
  const record = records().of(call);
  if (record !== undefined) remember(call, record);
  return record;
}

/** The call is over: nothing of it is held on to. */
export function forgetRecord(record: RequestRecord): void {
  if (record === lastRecord) remember(undefined, undefined);
}

function remember(call: object | undefined, record: RequestRecord | undefined): void {
  lastCall = call;
  lastRecord = record;
}

/** Opens the record of a call that has none. */
export function openRecord(
  call: object,
  request: unknown,
  response: unknown,
  transport: TransportDefinition = http,
): RequestRecord {
  const record = new RequestRecord(request, response, performance.now(), transport);
  records().keep(call, record);
  remember(call, record);
  return record;
}
