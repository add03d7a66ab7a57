import { baseOf, type CrsModel } from './crs-model.js';
import { parameterKind } from './parameter-names.js';
import { METHODS } from './projection-methods.js';
import { sameDatum, sameShift } from './same-datum.js';

/** Printed to 15 digits, angles keep this (degrees, 0.01 mm), lengths 0.01 mm, scales 1e-12. */
const SLACK = { angle: 1e-10, length: 1e-5, scale: 1e-12 };

/** Whether two models give every pair of coordinates the same place. Names of systems and axis orders do not count. */
export function sameModel(a: CrsModel, b: CrsModel): boolean {
  const [baseA, baseB] = [baseOf(a), baseOf(b)];
  if (!sameDatum(baseA.datum, baseB.datum)) return false;
  const stated = baseA.datum.stated || baseB.datum.stated;
  if (stated && !sameShift(baseA.datum.shift, baseB.datum.shift)) return false;
  if (!near(baseA.meridian.longitude, baseB.meridian.longitude, SLACK.angle)) return false;
  if (a.kind === 'geographic' || b.kind === 'geographic') {
    return a.kind === b.kind && near(a.unit.factor / b.unit.factor, 1, 1e-12);
  }
  if (!near(a.unit.factor / b.unit.factor, 1, 1e-9) || a.conversion.method !== b.conversion.method) return false;
  const { parameters } = METHODS.get(a.conversion.method)!;
  return parameters.every(({ role }, i) => {
    const kind = parameterKind(role);
    const difference = (a.conversion.values[i] ?? 0) - (b.conversion.values[i] ?? 0);
    const turns = kind === 'angle' ? 360 * Math.round(difference / 360) : 0;
    return near(difference, turns, SLACK[kind]);
  });
}

function near(a: number, b: number, slack: number): boolean {
  return Math.abs(a - b) <= slack;
}
