/**
 * Run something that Ctrl-C (SIGINT) or SIGTERM stops cleanly: the first sets off the signal, after which the command
 * puts away what is half done and leaves with code 130; a second one ends the process at once. `note` is told to people: what has
 * become of the work at that time.
 */
export async function interruptible<T>(
  note: string | (() => string),
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const interrupt = () => {
    process.stderr.write(`\ncube: stopping; ${typeof note === 'string' ? note : note()}\n`);
    forget();
    stop.abort();
  };
  const forget = () => process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await run(stop.signal);
  } finally {
    forget();
  }
}
