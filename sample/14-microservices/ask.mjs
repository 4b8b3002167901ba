// What CI asks of this sample: a machine's messages, too many of them, a person's, and one that only says who it is.
import assert from 'node:assert/strict';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';

export async function ask(url, output) {
  const [person, machine] = ['PERSON', 'MACHINE'].map((name) => new RegExp(`${name}=(\\S+)`).exec(output)[1]);
  const { hostname: host, port } = new URL(url);
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { host, port: Number(port) } });
  const send = (data) => firstValueFrom(client.send('orders.sync', data)).catch(({ code }) => code);
  try {
    for (let call = 0; call < 2; call++) assert.deepEqual(await send({ token: machine }), { by: 'billing-service' });
    assert.equal(await send({ token: machine }), 'rate_limited');
    assert.equal(await send({ token: person }), 'm2m_only');
    assert.equal(await send({ user: { sub: 'billing-service', isM2M: true } }), 'unauthenticated');
  } finally {
    client.close();
  }
  return 'messages by machines, limited, refused with their codes; a payload is no proof';
}
