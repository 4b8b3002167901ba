// Who calls: a million callers with a token of their own each, made on the spot, and among them a few that call far more
// than they may, with tokens of an issuer whose keys rotate.
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

const segment = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = segment({ alg: 'HS256', typ: 'JWT' });

/** A token signed with a secret shared with the application: cheap enough to make one for each request. */
export function signWithSecret(secret, claims) {
  const text = `${HEADER}.${segment(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/**
 * One connection that asks, waits for the answer, and asks again until it is told to stop; then its last answer is in.
 * `next()` says with which token; `seen(status, request)` is told each answer.
 */
export function keepAsking(port, next, seen, isOver) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', ask);
    socket.setNoDelay(true);
    let current;
    function ask() {
      current = next();
      socket.write(`GET /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${current.token}\r\n\r\n`);
    }
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!isWhole(received)) return;
      const status = Number(received.slice(9, 12));
      received = '';
      seen(status, current);
      if (isOver()) socket.end();
      else ask();
    });
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

function isWhole(text) {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  return length === undefined ? false : text.length - head - 4 >= Number(length);
}
