export { CubeError, exitCodeOf, formatProblem, isCubeError, redactUrl } from './errors.js';
export type { Problem, ProblemKind } from './errors.js';
