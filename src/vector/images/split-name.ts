const SPLIT = /^(?:train(?:ing)?|trn|valid(?:ation)?|val|cv|dev|test(?:ing)?|holdout)\d*$/i;

/** Which part of a data set a file belongs to, as its folders say (the innermost first), then its own name: `train`, `val2017`. Null where none does. */
export function splitOfName(name: string, { ownName }: { readonly ownName: boolean }): string | null {
  const parts = name.split('/').map((part, i, all) => (i === all.length - 1 ? part : part.replace(/\.[^.]+$/, '')));
  const own = (parts.pop() ?? '').split(/[._\- ]+/);
  const candidates = [...parts.toReversed(), ...(ownName ? own : [])];
  return candidates.find((part) => SPLIT.test(part)) ?? null;
}
