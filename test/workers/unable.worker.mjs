// A worker that cannot start: it throws as where a module is missing, or leaves as where memory is short.
if (process.env.HELIOCUBE_TEST_UNABLE === 'leaves') process.exit(1);
throw new Error('this worker cannot start');
