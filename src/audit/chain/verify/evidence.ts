/** Somebody else's word on a record: a receipt, an anchor, or a later chain. */
export interface Evidence {
  readonly seq: number;
  /** `undefined`: there is one, whatever it says. */
  readonly hash: string | undefined;
  /** Who says so, in words. */
  readonly source: string;
  /** What comes from outside of the log can cover the end of a chain that a crash has cut. */
  readonly kind: 'receipt' | 'anchor' | 'chain';
}

/** What is known of the chains from elsewhere, by chain and in the order of numbers. */
export class EvidenceBook {
  private readonly chains = new Map<string, Evidence[]>();

  add(chain: string, evidence: Evidence): void {
    const known = this.chains.get(chain);
    if (known === undefined) this.chains.set(chain, [evidence]);
    else known.push(evidence);
  }

  of(chain: string): readonly Evidence[] {
    return (this.chains.get(chain) ?? []).toSorted((a, b) => a.seq - b.seq);
  }

  get ids(): readonly string[] {
    return [...this.chains.keys()];
  }
}
