/** FIPS code and USPS letters of the states and territories of the United States (ANSI INCITS 38). */
const STATES = `
  01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA 26MI 27MN 28MS 29MO
  30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX 49UT 50VT 51VA 53WA 54WV 55WI 56WY 60AS
  66GU 69MP 72PR 78VI
`;

/** Territories that are countries of their own in ISO 3166-1. */
const TERRITORIES: Readonly<Record<string, string>> = { AS: 'ASM', GU: 'GUM', MP: 'MNP', PR: 'PRI', VI: 'VIR' };

const BY_FIPS = new Map(
  STATES.trim()
    .split(/\s+/)
    .map((row) => [row.slice(0, 2), row.slice(2)]),
);

/** ISO 3166-2 code and country of a state by its FIPS code; null for what is none. */
export function stateOfFips(fips: string): { readonly code: string; readonly countryIso3: string } | null {
  const letters = BY_FIPS.get(fips);
  if (letters === undefined) return null;
  return { code: `US-${letters}`, countryIso3: TERRITORIES[letters] ?? 'USA' };
}
