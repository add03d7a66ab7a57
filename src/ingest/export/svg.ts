/** Colours that all pictures share. */
export const COLOUR = {
  ink: '#1f2933',
  muted: '#616e7c',
  line: '#d3dae2',
  paper: '#ffffff',
  field: '#f5f7fa',
} as const;

/** An SVG element; attributes and text are escaped. Children are markup. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(shortened(value))}"`);
  return `<${name}${written.join('')}${children.length === 0 ? '/>' : `>${children.join('')}</${name}>`}`;
}

/** A line of text at a place. `anchor` says which part of it is there. */
export function label(
  text: string,
  {
    x,
    y,
    anchor = 'start',
    size = 12,
    fill = COLOUR.ink,
    weight = 'normal',
  }: {
    readonly x: number;
    readonly y: number;
    readonly anchor?: 'start' | 'middle' | 'end';
    readonly size?: number;
    readonly fill?: string;
    readonly weight?: 'normal' | 'bold';
  },
): string {
  const attributes = { x, y, 'text-anchor': anchor, 'font-size': size, fill, 'font-weight': weight };
  return element('text', attributes, escaped(text));
}

/** A whole picture on white, which says in words what it shows. */
export function picture(
  size: { readonly width: number; readonly height: number },
  title: string,
  parts: readonly string[],
): string {
  const { width, height } = size;
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'font-family': 'Helvetica, Arial, sans-serif',
  };
  const paper = element('rect', { width, height, fill: COLOUR.paper });
  return `${element('svg', attributes, element('title', {}, escaped(title)), paper, `\n${parts.join('\n')}\n`)}\n`;
}

/** A whole number with commas. */
export function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** The smallest of 1, 2 and 5 by powers of ten that is not below the value. */
export function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value * (1 - 1e-9))!;
}

function shortened(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]!).replace(/\p{Cc}/gu, ' ');
}
