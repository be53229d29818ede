/** The parts of dynalite 4.0.0 that the laptop runtime uses. It ships no types; test/local pins the version. */
declare module 'dynalite/db/index.js' {
  export interface Store {
    readonly db: { open(): Promise<void>; close(): Promise<void> };
    readonly tableDb: { awsAccountId: string; awsRegion: string };
  }
  export function create(options: {
    readonly path?: string;
    readonly createTableMs: number;
    readonly deleteTableMs: number;
    readonly updateTableMs: number;
  }): Store;
}

declare module 'dynalite/validations/index.js' {
  export function checkTypes(data: object, types: unknown): object;
  export function checkValidations(data: object, types: unknown, custom: unknown, store: unknown): void;
}
