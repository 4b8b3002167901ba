/** The shard that all counts of an identity are in: the same in every process (FNV-1a, 32 bits, over UTF-16 units). */
export function shardOf(identity: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < identity.length; index++) {
    hash = Math.imul(hash ^ identity.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
