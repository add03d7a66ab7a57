import { CubeError, isCubeError } from '../errors.js';
import { parseInterval } from '../stac/interval.js';

/** A list that was typed with commas. */
export function listOption(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

/** west, south, east, north. Problem: `invalid-argument`. */
export function boxOption(text: string): readonly [number, number, number, number] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [west, south, east, north] = numbers;
  if (numbers.length === 4 && numbers.every(Number.isFinite) && south! <= north! && south! >= -90 && north! <= 90)
    return [west!, south!, east!, north!];
  throw new CubeError({ kind: 'invalid-argument', what: `--bbox "${text}" is not west,south,east,north` });
}

/** The text of an instant or an interval. Problem: `invalid-argument` with the option's name. */
export function datetimeOption(text: string): string {
  try {
    parseInterval(text);
    return text;
  } catch (error) {
    if (!isCubeError(error, 'invalid-spec')) throw error;
    const { what, fix } = error.problem;
    throw new CubeError({
      kind: 'invalid-argument',
      what: `--datetime ${what}`,
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

/** A number within bounds. Problem: `invalid-argument` with the option's name. */
export function numberOption(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new CubeError({ kind: 'invalid-argument', what: `${name} is no number from ${min} to ${max}` });
}
