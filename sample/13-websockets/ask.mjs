// What CI asks of this sample: a person speaks, and too fast; a machine does not; a stranger is nobody.
import assert from 'node:assert/strict';
import { io } from 'socket.io-client';

export async function ask(url, output) {
  const [person, machine] = ['PERSON', 'MACHINE'].map((name) => new RegExp(`${name}=(\\S+)`).exec(output)[1]);
  const connect = (token) => io(url, { auth: { token }, transports: ['websocket'], forceNew: true });
  const say = (socket, text) =>
    new Promise((resolve) => {
      socket.once('said', resolve);
      socket.once('exception', ({ code }) => resolve(code));
      socket.emit('say', text);
    });
  const sockets = [connect(person), connect(machine), connect(undefined)];
  try {
    const [alice, billing, stranger] = sockets;
    for (const text of ['one', 'two', 'three']) assert.equal(await say(alice, text), `alice: ${text}`);
    assert.equal(await say(alice, 'four'), 'rate_limited');
    assert.equal(await say(billing, 'hello'), 'human_only');
    assert.equal(await say(stranger, 'hello'), 'unauthenticated');
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
  return 'messages by people, limited, refused with their codes';
}
