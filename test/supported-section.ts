import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addonStatus } from '../src/native/load.js';

const DOCUMENT = fileURLToPath(new URL('../docs/supported.md', import.meta.url));

/**
 * Put what a test run found between `<!-- name:start -->` and `<!-- name:end -->` of docs/supported.md. Where `CI` is set
 * nothing is written: a text that differs from the committed one is an error. The document tells what the addon reads, so
 * runs on the twins leave it alone.
 */
export function updateSupported(name: string, text: string): void {
  if (addonStatus().kind === 'absent') return;
  const document = readFileSync(DOCUMENT, 'utf8');
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/supported.md has no section ${start} … ${end}`);
  const section = `\n\n${text.trim()}\n\n`;
  if (document.slice(from + start.length, to) === section) return;
  if (process.env['CI'] !== undefined)
    throw new Error(`docs/supported.md, section ${name}, is out of date: run the tests and commit it`);
  writeFileSync(DOCUMENT, document.slice(0, from + start.length) + section + document.slice(to));
}
