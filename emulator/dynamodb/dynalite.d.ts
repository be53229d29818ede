/** The parts of dynalite 4.0.0 that the laptop runtime uses. It ships no types; test/emulator pins the version. */
declare module 'dynalite/db/index.js' {
  /** What classic-level gives for `keys` and `values`; `return` is what the engine ends it with. */
  export interface LevelIterator {
    close(): Promise<void>;
    return?: () => Promise<void>;
  }
  export interface LevelDb {
    open(options?: { readonly cacheSize: number; readonly writeBufferSize: number }): Promise<void>;
    close(): Promise<void>;
    keys: (options?: object) => LevelIterator;
    values: (options?: object) => LevelIterator;
  }
  export interface Store {
    readonly db: LevelDb;
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
