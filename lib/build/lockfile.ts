/**
 * Completes a lockfile with the optional platform packages that npm left out because the registry it was written with
 * does not carry them. Without them `npm ci` refuses the lockfile ("Missing ... from lock file"), and on another
 * platform the binary it needs would not be installed.
 */
interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, Locked>>;
}

const SYSTEMS = ['darwin', 'linux', 'win32', 'freebsd', 'netbsd', 'openbsd', 'android', 'openharmony', 'sunos', 'aix'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

/** The optional packages that some entry names and no entry is for: `[place in the lockfile, entry]`. */
export function missingOptional({ packages }: Lockfile): readonly (readonly [string, Locked])[] {
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => packages[`${place}/node_modules/${name}`] === undefined)
      .filter(([name]) => packages[`node_modules/${name}`] === undefined)
      .map(([name, range]) => [`node_modules/${name}`, entryOf(name, range, dev === true)] as const),
  );
  return [...new Map(missing)];
}

/** The same lockfile with those entries, in npm's order. */
export function completed<T extends Lockfile>(lockfile: T): T {
  const packages = Object.fromEntries(
    [...Object.entries(lockfile.packages), ...missingOptional(lockfile)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  return { ...lockfile, packages };
}

/** What such packages say of themselves is in their names: `@swc/core-linux-arm64-musl`. */
function entryOf(name: string, range: string, dev: boolean): Locked {
  const words = name
    .replace(/gnueabihf|musleabihf|eabi/, (word) => (word.startsWith('musl') ? 'musl' : 'gnu'))
    .split(/[-/]/);
  const cpu = PROCESSORS.find((word) => words.includes(word));
  const os = SYSTEMS.find((word) => words.includes(word));
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(dev ? { dev: true } : {}),
    ...(os === 'linux' && libc !== undefined ? { libc: [libc] } : {}),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
  };
}
