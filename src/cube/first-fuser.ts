import { asSample, fillSamples, holdsSamples, type Samples } from '../grid/dtype.js';
import { STATUS } from './candidate-status.js';
import { takeAny, takeBytes, type Arena } from './arena.js';
import { sampleCast, type Fused, type FuseInput, type Fuser } from './fuser.js';
import { REASON } from './reason.js';
import type { BandPlan } from './task.js';

/** What becomes of a pixel when a candidate is added. */
const LEAVE = 0;
const TAKE = 1;
const TAKE_MASKED = 2;
const CLEAR = 3;

/**
 * First usable candidate wins, for all bands at once. A failed read that could have decided a pixel decides it: reason
 * 4, no falling through. Where nothing is usable the mask band keeps the first masked candidate's value.
 */
export class FirstFuser implements Fuser {
  readonly #plans: readonly BandPlan[];
  readonly #maskBand: number | null;
  #bands: (Samples | null)[];
  /** Filled when they are needed: a candidate that gives every pixel gives its own arrays. */
  #filled = false;
  readonly #reason: Uint8Array;
  readonly #action: Uint8Array;
  #open: number;
  #untouched = true;

  constructor(plans: readonly BandPlan[], maskBand: number | null, length: number, arena?: Arena) {
    this.#plans = plans;
    this.#maskBand = maskBand;
    this.#bands = plans.map((plan) => (plan.written ? takeAny(arena, plan.dtype, length) : null));
    this.#reason = takeBytes(arena, length).fill(REASON.outside);
    this.#action = takeBytes(arena, length);
    this.#open = length;
  }

  get done(): boolean {
    return this.#open === 0;
  }

  add(candidate: FuseInput): boolean {
    const all = candidate.usable && this.#untouched;
    const taken = all ? this.#takeAll() : this.#decide(candidate.status);
    this.#untouched = false;
    const own = all ? this.#ownArrays(candidate) : null;
    if (own !== null) {
      this.#bands = own;
      this.#filled = true;
      return true;
    }
    for (const [index, band] of this.#fill().entries()) {
      if (band !== null) this.#apply(index, band, candidate, taken);
    }
    return false;
  }

  finish(): Fused {
    return { bands: this.#fill(), reason: this.#reason, count: null };
  }

  /** The bands, holding their fill values where nothing was taken yet. */
  #fill(): (Samples | null)[] {
    if (!this.#filled) this.#bands.forEach((band, i) => band !== null && fillSamples(band, this.#plans[i]!.fill ?? 0));
    this.#filled = true;
    return this.#bands;
  }

  /** The candidate's arrays where they can be the result as they are, else null. */
  #ownArrays({ planes, scales }: FuseInput): (Samples | null)[] | null {
    if (planes === null) return null;
    const fits = this.#plans.every((plan, index) => {
      const { data } = planes[index]!;
      return !plan.written || (holdsSamples(data, plan.dtype) && sampleCast(plan, data, scales[index]!) === null);
    });
    return fits ? this.#plans.map(({ written }, index) => (written ? planes[index]!.data : null)) : null;
  }

  /** The first candidate gives every pixel. */
  #takeAll(): number {
    this.#reason.fill(REASON.valid);
    this.#action.fill(TAKE);
    this.#open = 0;
    return this.#reason.length;
  }

  /** Sets the action of every pixel and its reason; returns how many pixels are taken. */
  #decide(status: Uint8Array): number {
    const reason = this.#reason;
    const action = this.#action;
    let taken = 0;
    for (let i = 0; i < status.length; i++) {
      action[i] = LEAVE;
      const now = reason[i]!;
      if (now === REASON.valid || now === REASON.failed) continue;
      const offer = status[i]!;
      if (offer === STATUS.usable) {
        reason[i] = REASON.valid;
        action[i] = TAKE;
        taken++;
      } else if (offer === STATUS.failed) {
        if (now === REASON.masked) action[i] = CLEAR;
        reason[i] = REASON.failed;
        this.#open--;
      } else if (offer === STATUS.masked && now !== REASON.masked) {
        reason[i] = REASON.masked;
        action[i] = TAKE_MASKED;
      } else if (offer === STATUS.nodata && now === REASON.outside) reason[i] = REASON.nodata;
    }
    this.#open -= taken;
    return taken;
  }

  #apply(index: number, band: Samples, candidate: FuseInput, taken: number): void {
    const plan = this.#plans[index]!;
    const isMask = index === this.#maskBand;
    const source = candidate.planes?.[index]?.data ?? null;
    if (source !== null) {
      const cast = sampleCast(plan, source, candidate.scales[index]!);
      if (taken === band.length && cast === null) return band.set(source as never);
      copyWhere(this.#action, isMask ? TAKE_MASKED : TAKE, source, band, cast);
    }
    if (isMask) clearWhere(this.#action, CLEAR, band, plan.fill ?? 0);
  }
}

/** Copy samples whose action is TAKE, or also TAKE_MASKED where `upTo` says so. */
function copyWhere(
  action: Uint8Array,
  upTo: number,
  from: Samples,
  to: Samples,
  cast: ((sample: number) => number) | null,
): void {
  if (from instanceof BigInt64Array || from instanceof BigUint64Array || cast === null) {
    for (let i = 0; i < action.length; i++) if (action[i]! >= TAKE && action[i]! <= upTo) to[i] = from[i]!;
    return;
  }
  for (let i = 0; i < action.length; i++) if (action[i]! >= TAKE && action[i]! <= upTo) to[i] = cast(from[i]!);
}

function clearWhere(action: Uint8Array, code: number, band: Samples, fill: number): void {
  const value = asSample(band, fill);
  for (let i = 0; i < action.length; i++) if (action[i] === code) band[i] = value;
}
