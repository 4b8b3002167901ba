import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;

interface Hashed {
  readonly salt: Buffer;
  readonly hash: Promise<Buffer>;
}

/** Stands in for your users. */
@Injectable()
export class Accounts {
  private readonly byName = new Map([['alice', hashed('wonderland')]]);
  private readonly nobody = hashed(randomBytes(16).toString('hex'));

  /** Takes as long for a name that nobody has. */
  async check(name: string, password: string): Promise<boolean> {
    const { salt, hash } = this.byName.get(name) ?? this.nobody;
    return timingSafeEqual(await derive(password, salt, 32), await hash);
  }
}

function hashed(password: string): Hashed {
  const salt = randomBytes(16);
  return { salt, hash: derive(password, salt, 32) };
}
