/** What a build tells while it runs. The command prints it on stderr; libraries may show it as they like. */
export type ProgressEvent =
  | {
      readonly kind: 'phase';
      readonly name: 'search' | 'labels' | 'headers' | 'plan' | 'chunks' | 'store' | 'lake' | 'references';
    }
  | { readonly kind: 'items'; readonly done: number; readonly total: number }
  | {
      readonly kind: 'tasks';
      readonly done: number;
      readonly total: number;
      readonly bytesRead: number;
      readonly failures: number;
    }
  | { readonly kind: 'warning'; readonly text: string };

/** Is told how far a build has come; must not throw. */
export type Progress = (event: ProgressEvent) => void;
