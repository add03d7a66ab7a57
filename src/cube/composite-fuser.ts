import type { Samples } from '../grid/dtype.js';
import { isFloatType, valueRange } from '../grid/dtype.js';
import { STATUS } from './candidate-status.js';
import type { Arena } from './arena.js';
import { filledBands, sampleCast, type Fused, type FuseInput, type Fuser } from './fuser.js';
import type { Composite } from './mosaic.js';
import { REASON } from './reason.js';
import type { BandPlan } from './task.js';

/**
 * Composites over the usable candidates of a pixel. Class bands come from the first usable candidate. A failed read that
 * could have been one of the values makes the pixel 4. The median of an even count is the mean of the two middle values;
 * integer types round half away from zero.
 */
export class CompositeFuser implements Fuser {
  readonly done = false;
  readonly #plans: readonly BandPlan[];
  readonly #rule: Composite;
  readonly #maskBand: number | null;
  readonly #bands: (Samples | null)[];
  readonly #reason: Uint8Array;
  readonly #count: Uint16Array;
  /** One list of value planes a band for the median, one running plane a band else. */
  readonly #values: Float64Array[][];
  readonly #statuses: Uint8Array[] = [];
  #sorted = new Float64Array(0);

  constructor(plans: readonly BandPlan[], rule: Composite, maskBand: number | null, length: number, arena?: Arena) {
    this.#plans = plans;
    this.#rule = rule;
    this.#maskBand = maskBand;
    this.#bands = filledBands(plans, length, arena);
    this.#reason = new Uint8Array(length).fill(REASON.outside);
    this.#count = new Uint16Array(length);
    this.#values = plans.map(() => []);
  }

  add(candidate: FuseInput): boolean {
    const firstMasked = this.#updateReasons(candidate.status);
    for (const [index, plan] of this.#plans.entries()) {
      const source = candidate.planes?.[index]?.data;
      const band = this.#bands[index]!;
      if (source === undefined || band === null) continue;
      if (source instanceof BigInt64Array || source instanceof BigUint64Array) continue;
      const { scale, offset } = plan.scaled ? candidate.scales[index]! : { scale: 1, offset: 0 };
      if (plan.classes) this.#takeFirst(index, source, candidate, firstMasked);
      else if (this.#rule === 'median') this.#keep(index, source, scale, offset);
      else if (this.#rule !== 'count') this.#accumulate(index, source, candidate.status, scale, offset);
    }
    if (this.#rule === 'median') this.#statuses.push(candidate.status.slice());
    this.#countUsable(candidate.status);
    return false;
  }

  finish(): Fused {
    for (const [index, plan] of this.#plans.entries()) {
      const band = this.#bands[index]!;
      if (band === null) continue;
      if (!plan.classes) this.#write(index, band);
      this.#clearFailed(index, band);
    }
    return { bands: this.#bands, reason: this.#reason, count: this.#count };
  }

  /** Returns 1 where this candidate is the first masked one and nothing was usable before. */
  #updateReasons(status: Uint8Array): Uint8Array {
    const first = new Uint8Array(status.length);
    for (let i = 0; i < status.length; i++) {
      const now = this.#reason[i]!;
      const offer = status[i]!;
      if (now === REASON.failed) continue;
      if (offer === STATUS.failed) this.#reason[i] = REASON.failed;
      else if (offer === STATUS.usable) this.#reason[i] = REASON.valid;
      else if (offer === STATUS.masked && now !== REASON.valid && now !== REASON.masked) {
        this.#reason[i] = REASON.masked;
        first[i] = 1;
      } else if (offer === STATUS.nodata && now === REASON.outside) this.#reason[i] = REASON.nodata;
    }
    return first;
  }

  #countUsable(status: Uint8Array): void {
    for (let i = 0; i < status.length; i++) if (status[i] === STATUS.usable) this.#count[i]!++;
  }

  #takeFirst(index: number, source: NumberSamples, { status, scales }: FuseInput, firstMasked: Uint8Array): void {
    const band = this.#bands[index]! as NumberSamples;
    const cast = sampleCast(this.#plans[index]!, source, scales[index]!);
    const keepsMasked = index === this.#maskBand;
    for (let i = 0; i < status.length; i++) {
      const first = status[i] === STATUS.usable && this.#count[i] === 0;
      if (first || (keepsMasked && firstMasked[i] === 1)) band[i] = cast === null ? source[i]! : cast(source[i]!);
    }
  }

  #keep(index: number, source: NumberSamples, scale: number, offset: number): void {
    this.#values[index]!.push(Float64Array.from(source, (sample) => sample * scale + offset));
  }

  #accumulate(index: number, source: NumberSamples, status: Uint8Array, scale: number, offset: number): void {
    const running = (this.#values[index]![0] ??= new Float64Array(status.length));
    for (let i = 0; i < status.length; i++) {
      if (status[i] !== STATUS.usable) continue;
      const value = source[i]! * scale + offset;
      if (this.#count[i] === 0) running[i] = value;
      else if (this.#rule === 'mean') running[i] = running[i]! + value;
      else running[i] = this.#rule === 'min' ? Math.min(running[i]!, value) : Math.max(running[i]!, value);
    }
  }

  #write(index: number, band: Samples): void {
    if (band instanceof BigInt64Array || band instanceof BigUint64Array) return;
    const { dtype } = this.#plans[index]!;
    const { min, max } = valueRange(dtype);
    const rounds = !isFloatType(dtype);
    for (let i = 0; i < band.length; i++) {
      if (this.#reason[i] !== REASON.valid) continue;
      const value = this.#value(index, i);
      band[i] = rounds ? Math.min(max, Math.max(min, value < 0 ? -Math.round(-value) : Math.round(value))) : value;
    }
  }

  #value(index: number, i: number): number {
    const planes = this.#values[index]!;
    if (this.#rule === 'count') return this.#count[i]!;
    if (this.#rule === 'mean') return planes[0]![i]! / this.#count[i]!;
    if (this.#rule !== 'median') return planes[0]![i]!;
    return this.#median(planes, i);
  }

  /** Values of a pixel are few: each is put in its place among those before it. */
  #median(planes: readonly Float64Array[], i: number): number {
    const sorted =
      this.#sorted.length >= planes.length ? this.#sorted : (this.#sorted = new Float64Array(planes.length));
    let count = 0;
    for (let c = 0; c < planes.length; c++) {
      if (this.#statuses[c]![i] !== STATUS.usable) continue;
      const value = planes[c]![i]!;
      let at = count++;
      for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
      sorted[at] = value;
    }
    const middle = count >> 1;
    return count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }

  /** Where the reason ended as failed, class bands may hold a candidate's value: every band holds its fill there. */
  #clearFailed(index: number, band: Samples): void {
    if (band instanceof BigInt64Array || band instanceof BigUint64Array) return;
    const fill = this.#plans[index]!.fill ?? 0;
    const keepsMasked = index === this.#maskBand;
    for (let i = 0; i < band.length; i++) {
      const reason = this.#reason[i]!;
      if (reason !== REASON.valid && !(keepsMasked && reason === REASON.masked)) band[i] = fill;
    }
  }
}

type NumberSamples = Exclude<Samples, BigInt64Array<ArrayBufferLike> | BigUint64Array<ArrayBufferLike>>;
