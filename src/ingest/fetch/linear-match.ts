import { CubeError } from '../../errors.js';
import { isWord, type PatternNode } from './pattern.js';

/** Answers whether a pattern matches anywhere in a text. */
export type Matcher = (text: string) => boolean;

type Step =
  | { readonly kind: 'one'; readonly test: (code: number) => boolean }
  | { readonly kind: 'at'; readonly place: 'start' | 'end' | 'word' | 'inside' }
  | { readonly kind: 'fork'; readonly ways: number[] }
  | { readonly kind: 'end' };

/** Bounded repeats are written out, so nested ones could grow without end. */
const MAX_STEPS = 5000;

/**
 * A matcher whose time is at most the steps of the pattern times the length of the text: every pair of step and position is
 * visited once, whatever the pattern, so nothing that a manifest says can make it hang. Problem: `unsupported` for a
 * pattern of more than 5000 steps.
 */
export function compilePattern(node: PatternNode): Matcher {
  const steps: Step[] = [];
  emit(node, steps);
  steps.push({ kind: 'end' });
  return (text) =>
    search(
      steps,
      Array.from(text, (char) => char.codePointAt(0)!),
    );
}

function emit(node: PatternNode, steps: Step[]): void {
  if (steps.length > MAX_STEPS) {
    const fix = 'use smaller repeats';
    throw new CubeError({ kind: 'unsupported', feature: `a file pattern of more than ${MAX_STEPS} steps`, fix });
  }
  switch (node.kind) {
    case 'one':
    case 'at':
      steps.push(node);
      return;
    case 'sequence':
      for (const one of node.nodes) emit(one, steps);
      return;
    case 'choice':
      return emitChoice(node.nodes, steps);
    case 'repeat':
      return emitRepeat(node, steps);
  }
}

/** fork → each alternative → the step behind all of them. */
function emitChoice(nodes: readonly PatternNode[], steps: Step[]): void {
  const ways: number[] = [];
  steps.push({ kind: 'fork', ways });
  const ends = nodes.map((node) => {
    ways.push(steps.length);
    emit(node, steps);
    const end: number[] = [];
    steps.push({ kind: 'fork', ways: end });
    return end;
  });
  for (const end of ends) end.push(steps.length);
}

function emitRepeat({ node, min, max }: Extract<PatternNode, { kind: 'repeat' }>, steps: Step[]): void {
  for (let i = 0; i < min; i++) {
    const before = steps.length;
    emit(node, steps);
    if (steps.length === before) return; // it matches the empty text alone
  }
  if (max === null) {
    const start = steps.length;
    const ways = [start + 1];
    steps.push({ kind: 'fork', ways });
    emit(node, steps);
    steps.push({ kind: 'fork', ways: [start] });
    ways.push(steps.length);
    return;
  }
  const skips: number[][] = [];
  for (let i = min; i < max; i++) {
    const ways = [steps.length + 1];
    steps.push({ kind: 'fork', ways });
    skips.push(ways);
    emit(node, steps);
  }
  for (const ways of skips) ways.push(steps.length);
}

function search(steps: readonly Step[], codes: readonly number[]): boolean {
  const width = codes.length + 1;
  const seen = new Uint8Array(steps.length * width);
  const waiting: number[] = [];
  const visit = (step: number, position: number) => {
    const state = step * width + position;
    if (seen[state] === 1) return;
    seen[state] = 1;
    waiting.push(state);
  };
  for (let start = 0; start < width; start++) {
    visit(0, start);
    for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
      const position = state % width;
      const at = (state - position) / width;
      const step = steps[at]!;
      if (step.kind === 'end') return true;
      if (step.kind === 'fork') for (const way of step.ways) visit(way, position);
      else if (step.kind === 'at') {
        if (isAt(step.place, codes, position)) visit(at + 1, position);
      } else if (position < codes.length && step.test(codes[position]!)) visit(at + 1, position + 1);
    }
  }
  return false;
}

function isAt(place: 'start' | 'end' | 'word' | 'inside', codes: readonly number[], position: number): boolean {
  if (place === 'start') return position === 0;
  if (place === 'end') return position === codes.length;
  const before = position > 0 && isWord(codes[position - 1]!);
  const after = position < codes.length && isWord(codes[position]!);
  return (before !== after) === (place === 'word');
}
