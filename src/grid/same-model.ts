import { baseOf, type CrsModel, type Datum } from './crs-model.js';
import { normalName } from './epsg.js';
import { parameterKind } from './parameter-names.js';
import { METHODS } from './projection-methods.js';
import { sameEllipsoid } from './wkt-geographic.js';

/** Printed to 15 digits, angles keep this (degrees, 0.01 mm), lengths 0.01 mm, scales 1e-12. */
const SLACK = { angle: 1e-10, length: 1e-5, scale: 1e-12 };

/** Whether two models give every pair of coordinates the same place. Names of systems and axis orders do not count. */
export function sameModel(a: CrsModel, b: CrsModel): boolean {
  const [baseA, baseB] = [baseOf(a), baseOf(b)];
  if (!sameDatum(baseA.datum, baseB.datum)) return false;
  if (!near(baseA.meridian.longitude, baseB.meridian.longitude, SLACK.angle)) return false;
  if (a.kind === 'geographic' || b.kind === 'geographic') {
    return a.kind === b.kind && near(a.unit.factor / b.unit.factor, 1, 1e-12);
  }
  if (!near(a.unit.factor / b.unit.factor, 1, 1e-9) || a.conversion.method !== b.conversion.method) return false;
  const { parameters } = METHODS.get(a.conversion.method)!;
  return parameters.every(({ role }, i) =>
    near(a.conversion.values[i] ?? 0, b.conversion.values[i] ?? 0, SLACK[parameterKind(role)]),
  );
}

/** Whether two datums are one, so that nothing is to be shifted between them. */
export function sameDatum(a: Datum, b: Datum): boolean {
  if (!sameEllipsoid(a.ellipsoid, b.ellipsoid)) return false;
  const stated = [a, b].map(({ shift }) => (shift.kind === 'helmert' ? shift.parameters : null));
  const [first, second] = stated;
  const sameShift =
    first !== null && first !== undefined && second !== null && second !== undefined
      ? first.every((value, i) => near(value, second[i]!, 1e-6))
      : first === second && (a.shift.kind === b.shift.kind || (passes(a) && passes(b)));
  if (!sameShift) return false;
  const [nameA, nameB] = [normalName(a.name), normalName(b.name)];
  return nameA === nameB || (first !== null && (unnamed(nameA) || unnamed(nameB))) || (unnamed(nameA) && unnamed(nameB));
}

function passes({ shift }: Datum): boolean {
  return shift.kind === 'none' || shift.kind === 'unstated';
}

function unnamed(name: string): boolean {
  return /^(|unknown.*|notspecified.*|unnamed.*)$/.test(name);
}

function near(a: number, b: number, slack: number): boolean {
  return Math.abs(a - b) <= slack;
}
