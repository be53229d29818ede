/** Points in time, as everything here counts them. */

/** Milliseconds since 1970, UTC. */
export type EpochMs = number;

/** Tells the time. It is passed in, so that a test can move it. */
export type Clock = () => EpochMs;
