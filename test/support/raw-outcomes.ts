// What a client may send, byte for byte, that is not one well-behaved request, and what becomes of it.
import { connect } from 'node:net';
import type { AuditEvent } from '../../src/index.js';
import type { Adapter } from './app.js';

const request = (path: string, ...more: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', ...more, '', ''].join('\r\n');
const post = (...more: string[]): string =>
  ['POST /o/created HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...more].join('\r\n');

export interface RawOutcome {
  readonly name: string;
  readonly send: string;
  /** When the client goes away: at once, when this was received, or when the server closes (default). */
  readonly leave?: 'at once' | RegExp;
  /** Node's own reply, which must not change by a byte because somebody listens. */
  readonly isNodes?: Readonly<Record<Adapter, boolean>>;
  readonly events: (adapter: Adapter) => readonly Partial<AuditEvent>[];
}

const unreadable = (statusCode: number, reason: string): Partial<AuditEvent> => ({
  eventType: 'request_error',
  outcome: 'error',
  statusCode,
  reason,
  ipAddress: '127.0.0.1',
});
const aborted = (path: string): Partial<AuditEvent> => ({
  eventType: 'request_aborted',
  outcome: 'aborted',
  path,
  ipAddress: '127.0.0.1',
});
const success = (path: string): Partial<AuditEvent> => ({ eventType: 'request_success', statusCode: 200, path });
const BOTH = { express: true, fastify: true };
const EXPRESS = { express: true, fastify: false };

export const RAW_OUTCOMES: readonly RawOutcome[] = [
  {
    name: 'what is no HTTP at all',
    send: 'SSH-2.0-OpenSSH_9.9\r\n\r\n',
    isNodes: EXPRESS,
    events: () => [unreadable(400, 'HPE_INVALID_METHOD')],
  },
  {
    name: 'a header that cannot be one',
    send: request('/o/ok', 'Bad Header: x'),
    isNodes: EXPRESS,
    events: () => [unreadable(400, 'HPE_INVALID_HEADER_TOKEN')],
  },
  {
    name: 'two lengths, with which requests are smuggled',
    send: request('/o/ok', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
    isNodes: EXPRESS,
    events: () => [unreadable(400, 'HPE_INVALID_TRANSFER_ENCODING')],
  },
  {
    name: 'headers that are too large (431)',
    send: request('/o/ok', `X-Large: ${'x'.repeat(20_000)}`),
    isNodes: EXPRESS,
    events: () => [unreadable(431, 'HPE_HEADER_OVERFLOW')],
  },
  {
    name: 'no Host',
    send: 'GET /o/ok HTTP/1.1\r\n\r\n',
    isNodes: BOTH,
    events: () => [{ eventType: 'request_error', statusCode: 400, path: '/o/ok', method: 'GET' }],
  },
  {
    name: 'an Expect that Node does not know',
    send: request('/o/ok', 'Expect: the-unexpected', 'Connection: close'),
    isNodes: BOTH,
    events: () => [{ eventType: 'request_error', statusCode: 417, path: '/o/ok' }],
  },
  {
    name: 'a body that breaks its encoding',
    send: `${post('Transfer-Encoding: chunked')}\r\n\r\nnot-a-chunk\r\n`,
    isNodes: EXPRESS,
    events: () => [
      {
        ...unreadable(400, 'HPE_INVALID_CHUNK_SIZE'),
        path: '/o/created',
        method: 'POST',
      },
    ],
  },
  {
    name: 'a request, and then no HTTP',
    send: `${request('/o/text')}\u0001\u0002\r\n\r\n`,
    leave: /HTTP\/1\.1 (?:200[^]*)?400/,
    events: () => [unreadable(400, 'HPE_INVALID_METHOD'), aborted('/o/text')],
  },
  {
    name: 'three pipelined requests',
    send: request('/o/ok?n=1') + request('/o/text') + request('/o/number/3', 'Connection: close'),
    events: () => [success('/o/ok'), success('/o/text'), success('/o/number/3')],
  },
  {
    name: 'pipelined requests whose first never ends, and a client that goes away',
    send: request('/o/sse-endless') + request('/o/text') + request('/o/ok'),
    leave: /\r\n\r\n/,
    events: () => [aborted('/o/sse-endless'), aborted('/o/text'), aborted('/o/ok')],
  },
  {
    name: 'a client that goes away before it is answered',
    send: request('/o/hangs'),
    leave: 'at once',
    events: () => [aborted('/o/hangs')],
  },
  {
    name: 'a client that goes away within its body',
    send: `${post('Content-Length: 1000')}\r\n\r\n{"half":`,
    leave: 'at once',
    events: () => [{ ...aborted('/o/created'), method: 'POST' }],
  },
  {
    name: 'a client that goes away while it is answered',
    send: request('/o/half'),
    leave: /xxx/,
    events: () => [{ ...aborted('/o/half'), statusCode: 200 }],
  },
  {
    name: 'a client that goes away when it has been answered',
    send: request('/o/text'),
    leave: /text$/,
    events: () => [success('/o/text')],
  },
  {
    name: 'a stream that fails midway',
    send: request('/o/file-fails'),
    events: () => [{ ...aborted('/o/file-fails'), statusCode: 200 }],
  },
  {
    name: 'half a request line, and a client that goes away',
    send: 'GET /o/o',
    leave: 'at once',
    isNodes: EXPRESS,
    events: () => [unreadable(400, 'HPE_INVALID_EOF_STATE')],
  },
];

/** Sends, and resolves with all that came back when the connection is closed. */
export function exchange(
  port: number,
  { send, leave }: Pick<RawOutcome, 'send' | 'leave'>,
  host = '127.0.0.1',
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, host, () => {
      socket.write(Buffer.from(send, 'latin1'), () => {
        if (leave === 'at once') socket.end();
      });
    });
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (leave instanceof RegExp && leave.test(received)) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(received.replaceAll(/^Date: .*$/gim, 'Date: …')));
  });
}
