import type { Geometry } from '../../vector/label.js';
import type { SourceRecord } from '../../vector/source-table.js';
import { alpha3OfAlpha2, alpha3OfNumber, alpha3OfUncoded, isAlpha3 } from './iso-countries.js';
import { stateOfFips } from './us-states.js';

/** What an administrative unit is called. */
export type UnitName = {
  /** 0 country, 1 region (state, province), 2 county. */
  readonly level: number;
  /** Of a country ISO 3166-1 alpha-3, of a region ISO 3166-2 where the source has it; else the source's id or name. Never empty. */
  readonly code: string;
  readonly name: string | null;
  /** ISO 3166-1 alpha-3, or XKX; null where no country is told. */
  readonly countryIso3: string | null;
};

/** An administrative unit and where it is; several may share a code. */
export type AdminUnit = UnitName & {
  /** Valid, lon/lat. */
  readonly geometry: Geometry;
  /** Whose data it is, and of which state. */
  readonly source: string;
  readonly release: string;
};

/** Subtypes of Overture's divisions that are taken, and their levels. */
export const DIVISION_LEVELS: Readonly<Record<string, number>> = { country: 0, dependency: 0, region: 1, county: 2 };

/**
 * The unit that a record of a file of borders is, by the columns that Natural Earth, world-atlas, us-atlas and Overture's divisions
 * have; null for what is none (water, a level that is not taken, no name and no code).
 */
export function unitOf({ properties, id }: Pick<SourceRecord, 'properties' | 'id'>): UnitName | null {
  const text = (...names: string[]) => firstText(properties, names);
  if (text('subtype') !== null) return divisionOf(text);
  if (text('iso_3166_2', 'adm1_code') !== null) return regionOf(text);
  if (text('ADM0_A3') !== null) return naturalEarthOf(text);
  return atlasUnitOf(id, text('name', 'NAME'), text('iso3', 'ISO3', 'iso_a3', 'ISO_A3', 'country_iso3'));
}

type ReadText = (...names: string[]) => string | null;

function firstText(properties: SourceRecord['properties'], names: readonly string[]): string | null {
  for (const name of names) {
    const value = properties[name];
    if (typeof value === 'string' && value.trim() !== '' && value.trim() !== '-99') return value.trim();
  }
  return null;
}

/**
 * Natural Earth writes -99 where de facto borders and ISO disagree: in ISO_A3 of France and Norway too, which ISO_A3_EH has right. ADM0_A3
 * is always there and is no ISO code for some (SDS for SSD, PSX for PSE), so that it counts last, and only by our own list or as ISO's.
 */
function naturalEarthOf(text: ReadText): UnitName {
  const own = text('ADM0_A3')!;
  const name = text('NAME', 'ADMIN');
  const listed = [text('ISO_A3_EH'), text('ISO_A3')].find((code) => code !== null && isAlpha3(code)) ?? null;
  return countryOf(listed ?? coded(own), name, own);
}

/** ISO 3166-2. Natural Earth makes codes up where ISO has none: `MC-X01~`, `AI-X00`, and `-99-X06~` where there is no country either. */
const ISO_REGION = /^[A-Z]{2}-(?!X\d\d)[A-Z0-9]{1,3}$/;

/** Its own id, or its name, stands for a region without an ISO code. */
function regionOf(text: ReadText): UnitName | null {
  const [listed, name] = [text('iso_3166_2') ?? '', text('name', 'NAME', 'name_en')];
  const code = ISO_REGION.test(listed) ? listed : (text('adm1_code') ?? name);
  if (code === null) return null;
  // Of what it says to be nobody's, others have written the country that they think it is.
  const alpha2 = listed.startsWith('-99') ? null : text('iso_a2', 'ISO_A2');
  const own = text('adm0_a3', 'ADM0_A3');
  const countryIso3 = (alpha2 === null ? null : alpha3OfAlpha2(alpha2)) ?? (own === null ? null : coded(own));
  return { level: 1, code, name, countryIso3 };
}

/** Records of the atlases have an ISO number or a FIPS code as their id, and a name. */
function atlasUnitOf(id: string | null, name: string | null, iso3: string | null): UnitName | null {
  const state = id === null || !/^\d{2}$/.test(id) ? null : stateOfFips(id);
  if (state !== null) return { level: 1, ...state, name };
  const country = iso3 !== null && isAlpha3(iso3) ? iso3 : id === null ? null : (alpha3OfNumber(id) ?? coded(id));
  if (country === null && name === null && id === null) return null;
  return countryOf(country ?? (name === null ? null : alpha3OfUncoded(name)), name, name ?? id!);
}

function divisionOf(text: ReadText): UnitName | null {
  const level = DIVISION_LEVELS[text('subtype')!];
  if (level === undefined || (text('class') ?? 'land') !== 'land') return null;
  const alpha2 = text('country');
  const countryIso3 = alpha2 === null ? null : alpha3OfAlpha2(alpha2);
  const id = text('division_id', 'id');
  const name = text('name');
  if (level === 0) return countryOf(countryIso3, name, id ?? name ?? 'unnamed');
  const code = level === 1 ? (text('region') ?? id ?? name) : (id ?? name);
  return code === null ? null : { level, code, name, countryIso3 };
}

function countryOf(iso3: string | null, name: string | null, otherwise: string): UnitName {
  return { level: 0, code: iso3 ?? otherwise, name, countryIso3: iso3 };
}

/** A code as ISO has it, or as our list says. */
function coded(code: string): string | null {
  return isAlpha3(code) ? code : alpha3OfUncoded(code);
}
