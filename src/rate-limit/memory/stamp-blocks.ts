/** Words in a block: fifteen for stamps, the last for the number of the next block. One cache line. */
const BLOCK_WORDS = 16;
export const BLOCK_ROOM = 15;
const CHUNK_BITS = 10;
const CHUNK_BLOCKS = 1 << CHUNK_BITS;

/**
 * Blocks of stamps for the logs that have outgrown their record, chained like beads. All logs share them: a log
 * that grows takes one more, one that shrinks gives one back, and nothing is ever copied to make room.
 */
export class StampBlocks {
  private readonly chunks: Int32Array[] = [];
  private next = 0;
  private free = -1;
  /** Blocks in use. */
  size = 0;

  allocate(): number {
    this.size++;
    const free = this.free;
    if (free >= 0) {
      this.free = this.words(free)[this.at(free) + BLOCK_ROOM]!;
      return free;
    }
    const block = this.next++;
    if (block >>> CHUNK_BITS === this.chunks.length) this.chunks.push(new Int32Array(CHUNK_BLOCKS * BLOCK_WORDS));
    return block;
  }

  release(block: number): void {
    this.size--;
    this.words(block)[this.at(block) + BLOCK_ROOM] = this.free;
    this.free = block;
  }

  /** The memory a block is in … */
  words(block: number): Int32Array {
    return this.chunks[block >>> CHUNK_BITS]!;
  }

  /** … and where in it it begins. */
  at(block: number): number {
    return (block & (CHUNK_BLOCKS - 1)) * BLOCK_WORDS;
  }
}
