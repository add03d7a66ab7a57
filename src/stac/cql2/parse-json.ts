import { CubeError } from '../../errors.js';
import { parseInstant } from '../interval.js';
import { boxOfGeometry } from '../item-box.js';
import type { Json } from '../item.js';
import { isObject, type JsonObject } from '../json.js';
import { SPATIAL, TEMPORAL, type Comparison, type Cql2, type Cql2Value } from './expression.js';

const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const;
/** `5 < p` is `p > 5`. */
const FLIPPED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
/** Deeper or larger filters are not written by people, and recursion must end well. */
const MAX_DEPTH = 64;
const MAX_NODES = 10_000;

/**
 * Check a filter in CQL2-JSON. Problems: `unsupported` for what CQL2 has and we do not, by its name; `invalid-argument` for what is
 * no CQL2.
 */
export function parseCql2Json(json: Json): Cql2 {
  const budget = { nodes: MAX_NODES };
  return parse(json, 0, budget);
}

type Budget = { nodes: number };

function parse(json: Json, depth: number, budget: Budget): Cql2 {
  if (depth > MAX_DEPTH || --budget.nodes < 0) throw invalid('nested too deep, or too large');
  if (typeof json === 'boolean') return { op: 'constant', value: json };
  if (!isObject(json)) throw invalid(`${show(json)} is no condition`);
  const { op, args } = json;
  if (typeof op !== 'string' || !Array.isArray(args)) throw invalid('a condition has "op" and "args"');
  budget.nodes -= args.length;
  const name = op.toLowerCase();
  const at = (i: number): Json => args[i] ?? null;
  const needs = (count: number) => {
    if (args.length !== count) throw invalid(`"${op}" takes ${count} arguments, found ${args.length}`);
  };
  if (name === 'and' || name === 'or') {
    if (args.length === 0) throw invalid(`"${op}" without arguments`);
    return { op: name, args: args.map((one) => parse(one, depth + 1, budget)) };
  }
  if (name === 'not') {
    needs(1);
    return { op: 'not', arg: parse(at(0), depth + 1, budget) };
  }
  const comparison = COMPARISONS.find((one) => one === name);
  if (comparison !== undefined) {
    needs(2);
    return compare(comparison, at(0), at(1));
  }
  switch (name) {
    case 'isnull':
      needs(1);
      return { op: 'isNull', property: propertyOf(at(0)) };
    case 'in': {
      needs(2);
      const values = at(1);
      if (!Array.isArray(values) || values.length === 0) throw invalid('"in" needs a list');
      budget.nodes -= values.length;
      if (budget.nodes < 0) throw invalid('too large');
      return { op: 'in', property: propertyOf(at(0)), values: values.map(valueOf) };
    }
    case 'between':
      needs(3);
      return { op: 'between', property: propertyOf(at(0)), low: valueOf(at(1)), high: valueOf(at(2)) };
    case 'like':
      needs(2);
      return like(at(0), at(1));
  }
  const spatial = SPATIAL.find((one) => one === name);
  if (spatial !== undefined) {
    needs(2);
    return { op: 'spatial', operator: spatial, geometry: geometryOf(at(0), at(1)) };
  }
  const temporal = TEMPORAL.find((one) => one === name);
  if (temporal !== undefined) {
    needs(2);
    return { op: 'temporal', operator: temporal, property: propertyOf(at(0)), ...spanOf(at(1)) };
  }
  throw unsupported(`operator "${op}"`);
}

function compare(comparison: Comparison, left: Json, right: Json): Cql2 {
  if (!isProperty(left) && isProperty(right)) return compare(FLIPPED[comparison], right, left);
  if (isProperty(right)) throw unsupported('comparison of two properties');
  return { op: 'compare', comparison, property: propertyOf(left), value: valueOf(right) };
}

/** CASEI on both sides, or on none. */
function like(left: Json, right: Json): Cql2 {
  const anyCase = isCall(left, 'casei');
  if (anyCase !== isCall(right, 'casei')) throw unsupported('"like" with CASEI on one side');
  const pattern = anyCase ? argument(right) : right;
  if (typeof pattern !== 'string') throw invalid(`"like" needs a text, found ${show(pattern)}`);
  return { op: 'like', property: propertyOf(anyCase ? argument(left) : left), pattern, anyCase };
}

function isCall(json: Json, name: string): json is JsonObject {
  return isObject(json) && typeof json['op'] === 'string' && json['op'].toLowerCase() === name;
}

function argument(json: Json): Json {
  const args = isObject(json) ? json['args'] : null;
  return Array.isArray(args) && args.length === 1 ? (args[0] ?? null) : null;
}

function isProperty(json: Json): boolean {
  return isObject(json) && 'property' in json;
}

function propertyOf(json: Json): string {
  const name = isObject(json) ? json['property'] : undefined;
  if (typeof name === 'string' && name !== '') return name.replace(/^properties\./, '');
  if (isObject(json) && typeof json['op'] === 'string') throw unsupported(`"${json['op']}" as a value`);
  throw invalid(`${show(json)} is no property`);
}

function valueOf(json: Json): Cql2Value {
  if (typeof json === 'number' && Number.isFinite(json)) return { kind: 'number', value: json };
  if (typeof json === 'string') return { kind: 'text', value: json };
  if (typeof json === 'boolean') return { kind: 'flag', value: json };
  if (isObject(json)) {
    if ('op' in json) throw unsupported(`"${String(json['op'])}" as a value`);
    const text = json['timestamp'] ?? json['date'];
    if (text !== undefined) return { kind: 'time', value: instantOf(text) };
  }
  throw invalid(`${show(json)} is no number, text, true, false or time`);
}

function instantOf(json: Json): number {
  const instant = typeof json === 'string' ? parseInstant(json) : null;
  if (instant === null) throw invalid(`${show(json)} is no time`);
  return instant;
}

/** A date is the whole day, in temporal functions. */
function spanOf(json: Json): { readonly fromMs: number; readonly toMs: number } {
  if (isObject(json) && Array.isArray(json['interval'])) {
    const { interval } = json;
    if (interval.length !== 2) throw invalid('an interval has two ends');
    const [from, to] = interval.map((end) => (end === '..' ? null : spanOf(end)));
    return { fromMs: from?.fromMs ?? -Infinity, toMs: to?.toMs ?? Infinity };
  }
  const text = isObject(json) ? (json['timestamp'] ?? json['date'] ?? null) : json;
  const fromMs = instantOf(text);
  const isDay = typeof text === 'string' && text.length === 10;
  return { fromMs, toMs: isDay ? fromMs + 86_400_000 - 1 : fromMs };
}

function geometryOf(left: Json, right: Json): Json {
  if (propertyOf(left) !== 'geometry') throw unsupported('spatial functions of anything but "geometry"');
  const box = isObject(right) ? right['bbox'] : undefined;
  if (Array.isArray(box)) return boxGeometry(box);
  if (!isObject(right) || boxOfGeometry(right) === null) throw invalid('a spatial function needs a GeoJSON geometry');
  return right;
}

function boxGeometry(box: readonly Json[]): Json {
  const numbers = box.filter((one) => typeof one === 'number' && Number.isFinite(one)) as number[];
  if (numbers.length !== box.length || (box.length !== 4 && box.length !== 6)) throw invalid('a bbox has four numbers');
  const half = numbers.length / 2;
  const [west, south, east, north] = [numbers[0]!, numbers[1]!, numbers[half]!, numbers[half + 1]!];
  if (south > north) throw invalid('the bbox has its south above its north');
  return { type: 'bbox', bbox: [west, south, east, north] };
}

function show(json: Json): string {
  return (JSON.stringify(json) ?? 'nothing').slice(0, 80);
}

function invalid(what: string): CubeError {
  return new CubeError({ kind: 'invalid-argument', what: `CQL2: ${what}` });
}

function unsupported(what: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `CQL2 ${what}` });
}
