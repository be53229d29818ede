/**
 * What a lockfile has to say of every package, whatever the machine and the registry that wrote it: its content, by a hash,
 * and nothing of where it was fetched. npm leaves out optional packages of other platforms that its registry does not
 * carry; `npm ci` then refuses the lockfile on a registry that does.
 */
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  /** Inside the archive of another package, whose hash covers it. */
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, Locked>>;
}

/** The places of packages whose content nothing pins. */
export function unpinned({ packages }: Lockfile): readonly string[] {
  return Object.entries(packages)
    .filter(([place, { integrity, inBundle }]) => place !== '' && integrity === undefined && inBundle !== true)
    .map(([place]) => place);
}

/** The same lockfile without them, so that npm asks its registry for each again. */
export function withoutUnpinned<T extends Lockfile>(lockfile: T): T {
  const gone = new Set(unpinned(lockfile));
  return {
    ...lockfile,
    packages: Object.fromEntries(Object.entries(lockfile.packages).filter(([place]) => !gone.has(place))),
  };
}

/** The optional packages that some entry names and no entry is for. */
export function missingOptional({ packages }: Lockfile): readonly string[] {
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        packages[`${place}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined,
    ),
  );
  return [...new Set(missing)];
}

/** The hosts that packages are said to come from. */
export function registries({ packages }: Lockfile): readonly string[] {
  const hosts = Object.values(packages).flatMap(({ resolved, link }) =>
    resolved === undefined || link === true ? [] : [URL.canParse(resolved) ? new URL(resolved).host : resolved],
  );
  return [...new Set(hosts)];
}
