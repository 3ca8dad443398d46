/**
 * What the lab's old system has left in its BMC, as a worm that owns a host does over the ways that lead from it: harmless,
 * and there to be found. Its addresses are none of anybody's (RFC 5737).
 */
export const planted = {
  account: {name: 'support2', role: 'Administrator'},
  /** Where its session comes from: it stays open as if somebody used it. */
  from: '192.0.2.66',
  subscription: 'https://192.0.2.66/events',
} as const;
