/** Integers are kept as they come up to this many, then by value: a country has many pixels but few values. */
const MANY = 2 ** 20;

/** Samples of one label with their weights, in memory that grows with them; integers take no more than their values do. */
export class WeightedValues {
  #values = new Float64Array(64);
  #weights = new Float64Array(64);
  #length = 0;
  readonly #byValue: boolean;

  /** `repeat`: the samples come from a type with few values, so that equal ones may be added up. */
  constructor(repeat: boolean) {
    this.#byValue = repeat;
  }

  add(value: number, weight: number): void {
    if (this.#length === this.#values.length) this.#makeRoom();
    this.#values[this.#length] = value;
    this.#weights[this.#length] = weight;
    this.#length++;
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  get weights(): Float64Array {
    return this.#weights.subarray(0, this.#length);
  }

  #makeRoom(): void {
    if (this.#byValue && this.#length >= MANY) this.#fold();
    if (this.#length * 2 <= this.#values.length) return;
    this.#values = grown(this.#values);
    this.#weights = grown(this.#weights);
  }

  #fold(): void {
    const weights = new Map<number, number>();
    for (let i = 0; i < this.#length; i++) {
      const value = this.#values[i]!;
      weights.set(value, (weights.get(value) ?? 0) + this.#weights[i]!);
    }
    this.#length = 0;
    for (const [value, weight] of weights) {
      this.#values[this.#length] = value;
      this.#weights[this.#length] = weight;
      this.#length++;
    }
  }
}

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
