// One token has one spelling.
import { attacksOf, claims, issued } from './attack.js';
import { encode, partsOf, respell } from '../forging.js';

export const onSpelling = attacksOf((attack) => {
  attack('malformed', 'standard base64 in the signature', async (w) => {
    // One in many has neither character: look for one that has.
    for (;;) {
      const { segments } = partsOf(await w.good());
      if (/[-_]/.test(segments[2])) {
        return [segments[0], segments[1], segments[2].replaceAll('-', '+').replaceAll('_', '/')].join('.');
      }
    }
  });
  for (const part of [0, 1, 2] as const) {
    const name = ['header', 'payload', 'signature'][part]!;
    attack('malformed', `padding after the ${name}`, async (w) => {
      const segments = [...partsOf(await w.good()).segments];
      segments[part] += '=';
      return segments.join('.');
    });
    attack('malformed', `unused bits set in the ${name}`, (w) => {
      // The padding claim makes the length of the part one that has unused bits.
      for (let length = 0; ; length++) {
        const pad = 'p'.repeat(length);
        const segments = [...partsOf(issued(w, { pad }, { pad })).segments];
        if (segments[part]!.length % 4 === 0) continue;
        segments[part] = respell(segments[part]!);
        if (segments.join('.') !== issued(w, { pad }, { pad })) return segments.join('.');
      }
    });
  }
  attack('malformed', 'standard base64 in the payload', (w) => {
    for (let length = 0; ; length++) {
      const { segments } = partsOf(issued(w, { pad: '?'.repeat(length) }));
      if (!segments[1].includes('_')) continue;
      return [segments[0], segments[1].replaceAll('-', '+').replaceAll('_', '/'), segments[2]].join('.');
    }
  });
  attack('malformed', 'padding in percent signs', async (w) => `${await w.good()}%3D`);
  attack('malformed', 'dots in percent signs', async (w) => (await w.good()).replaceAll('.', '%2E'));
  attack('malformed', 'a space in the payload', async (w) => (await w.good()).replace('.', '. '));
  attack('malformed', 'a tab in the payload', async (w) => (await w.good()).replace('.', '.\t'));
  attack('malformed', 'a tilde in the signature', async (w) => `${(await w.good()).slice(0, -1)}~`);
  attack('malformed', 'characters beyond ASCII', async (w) => `${(await w.good()).slice(0, -1)}é`);
  attack('malformed', 'one part', (w) => encode(claims(w)));
  attack('malformed', 'two parts', async (w) => (await w.good()).split('.').slice(0, 2).join('.'));
  attack('malformed', 'four parts', async (w) => `${await w.good()}.AAAA`);
  attack(
    'malformed',
    'five parts, as an encrypted token has',
    (w) => `${encode({ alg: 'dir', enc: 'A256GCM' })}..${encode('iv')}.${encode(claims(w))}.${encode('tag')}`,
  );
  attack('malformed', 'an encrypted token whose password takes an hour to hash', (w) => {
    const costly = { alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 2_147_483_647, p2s: 'AAAAAAAAAAA' };
    return [encode(costly), encode('key'), encode('iv'), encode(claims(w)), encode('tag')].join('.');
  });
  attack('malformed', 'a detached payload', async (w) => (await w.good()).replace(/\.[^.]+\./, '..'));
  attack('malformed', 'dots only', () => '..');
  attack('malformed', 'the JSON form of a JWS', (w) => encode({ payload: encode(claims(w)), signatures: [] }));
});
