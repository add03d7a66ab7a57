import { CubeError } from '../errors.js';

/** Integers are kept as they come up to this many, then by value: a country has many pixels but few values. */
const MANY = 2 ** 20;
/** A value and its weight, both doubles. */
const BYTES = 16;

/** Samples of one label with their weights, in memory that grows with them; integers take no more than their values do. */
export class WeightedValues {
  #values = new Float64Array(64);
  #weights = new Float64Array(64);
  #length = 0;
  readonly #byValue: boolean;
  readonly #limit: number;

  /** `repeat`: samples of whole numbers, so that equal ones may be added up. At most `limitBytes` are kept. */
  constructor(repeat: boolean, limitBytes: number = Infinity) {
    this.#byValue = repeat;
    this.#limit = limitBytes;
  }

  /** Problem: `budget` where the limit does not hold the values. */
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
    this.#values = grown(this.#values, this.#limit);
    this.#weights = grown(this.#weights, this.#limit);
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

function grown(values: Float64Array, limit: number): Float64Array<ArrayBuffer> {
  const needed = values.length * 2 * BYTES;
  if (needed > limit) {
    const what = `median, majority, minority or variety of a label of more than ${values.length} different values`;
    const fix = 'raise the memory limit, cut the label into parts, or ask for other statistics only';
    throw new CubeError({ kind: 'budget', what, needed, limit, fix });
  }
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
