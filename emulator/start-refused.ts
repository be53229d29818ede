/** Why a start does not go on, for the person who started it; the message says what to do. */
export class StartRefused extends Error {}
