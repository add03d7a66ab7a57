/** What GDAL_METADATA says of one band; null or the neutral value where it says nothing. */
export type BandMetadata = {
  readonly name: string | null;
  readonly scale: number;
  readonly offset: number;
  readonly unit: string | null;
};

/** Attributes of real items are short; longer ones are not looked at. */
const MAX_ATTRIBUTE_TEXT = 1024;

/**
 * Band names, scales, offsets and units from the XML of tag 42112, the items with a `role`. Lenient: text that is not
 * such XML says nothing, a scale that is no number is a problem.
 */
export function parseGdalMetadata(
  xml: string | null,
  bandCount: number,
): { bands: BandMetadata[]; problems: string[] } {
  const bands: { -readonly [key in keyof BandMetadata]: BandMetadata[key] }[] = [];
  for (let band = 0; band < bandCount; band++) bands.push({ name: null, scale: 1, offset: 0, unit: null });
  const problems: string[] = [];
  for (const { attributes, text } of items(xml ?? '')) {
    const band = bands[Number(attributes.get('sample') ?? '0')];
    const role = attributes.get('role');
    if (band === undefined || role === undefined) continue;
    if (role === 'description') band.name = text;
    else if (role === 'unittype') band.unit = text;
    else if (role === 'scale' || role === 'offset') {
      const value = Number(text.trim());
      if (text.trim() !== '' && Number.isFinite(value)) band[role] = value;
      else problems.push(`${role} "${text.slice(0, 40)}" of a band is not a number`);
    }
  }
  return { bands, problems };
}

type Item = { readonly attributes: ReadonlyMap<string, string>; readonly text: string };

/** The `<Item …>text</Item>` elements, in one pass. */
function items(xml: string): Item[] {
  const found: Item[] = [];
  for (const piece of xml.split('<')) {
    if (!/^Item\s/.test(piece)) continue;
    const end = piece.indexOf('>');
    if (end < 0 || end > MAX_ATTRIBUTE_TEXT) continue;
    const attributes = new Map<string, string>();
    for (const [, name, double, single] of piece.slice(4, end).matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      attributes.set(name!, decodeEntities(double ?? single ?? ''));
    }
    found.push({ attributes, text: decodeEntities(piece.slice(end + 1)) });
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()]!;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
