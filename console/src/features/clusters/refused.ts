// What was refused when a cluster was added, told on the page that opens then: it belongs to that step, not to the address.

export interface RefusedGrant {
  namespace: string;
  /** What the server said. */
  reason: string;
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    refusedGrant?: RefusedGrant;
  }
}
