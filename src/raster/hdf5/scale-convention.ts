import { member, type JsonObject } from '../zarr/json.js';

/** Datasets beside each other that tell a file of NREL's resource tools (NSRDB, WIND Toolkit): times and sites. */
const SIBLINGS = ['time_index', 'meta'];

/**
 * Attributes with CF's meaning of `scale_factor`. NSRDB files and their like divide: physical value = sample /
 * `scale_factor` (or `psm_scale_factor`); told by that attribute, or by the datasets beside this one. CF multiplies, so
 * the factor is turned around, and said in `problems`.
 */
export function withCfScale(attributes: JsonObject, siblings: ReadonlySet<string>, problems: string[]): JsonObject {
  const own = member(attributes, 'psm_scale_factor');
  if (own === undefined && !SIBLINGS.every((name) => siblings.has(name))) return attributes;
  const factor = member(attributes, 'scale_factor') ?? own;
  if (typeof factor !== 'number' || factor === 1 || factor === 0) return attributes;
  problems.push(`scale_factor ${factor} divides, as in NSRDB files: it is given as a scale of ${1 / factor}`);
  const adder = member(attributes, 'adder') ?? 0;
  if (adder !== 0) problems.push(`adder ${JSON.stringify(adder)} is not applied`);
  return { ...attributes, scale_factor: 1 / factor };
}
