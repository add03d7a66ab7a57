import { FIXED_STATISTICS } from '../native/statistics-contract.js';

/** Count, sum, mean, variance, min and max of the parts of a label, joined one after the other. */
export class Moments {
  #count = 0;
  #sum = 0;
  #mean = 0;
  /** Σ w·(v - mean)². */
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  /** Join a part, as a kernel measured it. */
  add([count, sum, mean, variance, min, max]: Float64Array): void {
    if (!(count! > 0)) return;
    const total = this.#count + count!;
    const apart = mean! - this.#mean;
    // Chan, Golub and LeVeque: the squares about the common mean from those about two means.
    this.#squares += variance! * count! + (this.#count === 0 ? 0 : (apart * apart * this.#count * count!) / total);
    this.#count = total;
    this.#sum += sum!;
    this.#mean = this.#sum / total;
    this.#min = Math.min(this.#min, min!);
    this.#max = Math.max(this.#max, max!);
  }

  /** As a kernel gives them; what needs the values in order is NaN. */
  numbers(): Float64Array {
    const numbers = new Float64Array(FIXED_STATISTICS).fill(NaN);
    if (this.#count === 0) numbers.set([0, 0]);
    else numbers.set([this.#count, this.#sum, this.#mean, this.#squares / this.#count, this.#min, this.#max]);
    if (this.#count === 0) numbers[9] = 0;
    return numbers;
  }
}
