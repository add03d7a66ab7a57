import { CubeError } from '../errors.js';

/** How the bytes of a text column become text. */
export type TextCoding = { readonly name: string; readonly warning: string | null; decode(bytes: Uint8Array): string };

/** Byte 29 of a .dbf (dBase, FoxPro and ESRI): code pages. 0x57 means "the ANSI page of the writer", in fact 1252. */
const LANGUAGE_DRIVERS: ReadonlyMap<number, string> = new Map([
  [0x01, '437'],
  [0x02, '850'],
  [0x03, '1252'],
  [0x08, '865'],
  [0x0d, '437'],
  [0x13, '932'],
  [0x26, '866'],
  [0x4d, '936'],
  [0x4e, '949'],
  [0x4f, '950'],
  [0x50, '874'],
  [0x57, '1252'],
  [0x58, '1252'],
  [0x59, '1252'],
  [0x64, '852'],
  [0x65, '866'],
  [0x78, '950'],
  [0x79, '949'],
  [0x7a, '936'],
  [0x7b, '932'],
  [0x7c, '874'],
  [0xc8, '1250'],
  [0xc9, '1251'],
  [0xca, '1254'],
  [0xcb, '1253'],
  [0xcc, '1257'],
]);

/** Code pages under the names of the WHATWG encoding standard, which is what TextDecoder knows. */
const CODE_PAGES: Readonly<Record<string, string>> = {
  '65001': 'utf-8',
  '932': 'shift_jis',
  '936': 'gbk',
  '949': 'euc-kr',
  '950': 'big5',
  '866': 'ibm866',
  '874': 'windows-874',
  '28591': 'iso-8859-1',
};

/**
 * The text coding of a shapefile: what the .cpg says, else the table's language driver, else UTF-8 where all bytes are
 * valid UTF-8, else Windows-1252 with a warning. A coding that is not known matters only where text is not ASCII.
 */
export function chooseTextCoding(
  cpg: string | null,
  languageDriver: number,
  text: Uint8Array,
  url: string,
): TextCoding {
  const named = cpg?.trim() ?? '';
  const page = named === '' ? LANGUAGE_DRIVERS.get(languageDriver) : named;
  const ascii = text.every((byte) => byte < 0x80);
  if (page === undefined) {
    if (ascii || isUtf8(text)) return coding('utf-8', null);
    return coding('windows-1252', 'neither a .cpg nor the .dbf names the text coding: read as Windows-1252');
  }
  const label = encodingLabel(page);
  if (label !== null) return coding(label, null);
  if (ascii) return coding('utf-8', null);
  const fix = 'write a .cpg with the right coding, such as UTF-8, after converting the .dbf';
  throw new CubeError({ kind: 'unsupported', feature: `text coding "${page}"`, url, fix });
}

function coding(name: string, warning: string | null): TextCoding {
  const decoder = new TextDecoder(name);
  return { name, warning, decode: (bytes) => decoder.decode(bytes) };
}

/** A .cpg holds "UTF-8", "ISO-8859-1", "88591", "1252", "ANSI 1252", "CP936", "GBK", … */
function encodingLabel(page: string): string | null {
  const digits = /^(?:ansi|cp|oem|windows|ibm)?[\s_-]*(\d{3,5})$/i.exec(page)?.[1];
  const iso = /^8859[\s_-]?(\d{1,2})$/.exec(page)?.[1];
  const candidates = [page, iso === undefined ? '' : `iso-8859-${iso}`];
  if (digits !== undefined) candidates.push(CODE_PAGES[digits] ?? '', `windows-${digits}`);
  return candidates.find((label) => label !== '' && isKnown(label)) ?? null;
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) !== null;
  } catch {
    return false;
  }
}
