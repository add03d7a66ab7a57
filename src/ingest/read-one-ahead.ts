/** The values of `source`, of which the next is on its way while one is used: what waits and what computes overlap. */
export async function* readOneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (;;) {
      const found = await next;
      if (found.done === true) return;
      next = source.next();
      next.catch(() => {}); // it is awaited in the next turn, if there is one
      yield found.value;
    }
  } finally {
    await next.catch(() => {});
    await source.return(undefined);
  }
}
