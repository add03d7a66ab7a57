/** A sum and what its roundings lost, by Knuth's branch-free form; the bits of the addon's. */
export class CompensatedSum {
  total = 0;
  lost = 0;

  add(value: number): void {
    const total = this.total + value;
    const back = total - this.total;
    this.lost += this.total - (total - back) + (value - back);
    this.total = total;
  }

  /** Where the sum overflowed nothing was lost. */
  get value(): number {
    return Number.isFinite(this.lost) ? this.total + this.lost : this.total;
  }
}
