import { createHash } from 'node:crypto';

/** A script and the name that a server knows it by once it has seen it. */
export class LuaScript {
  readonly sha: string;

  constructor(readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }
}
