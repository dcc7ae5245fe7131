// What is in the way of a rollout, as the cluster tells it: the API passes it on as it is, so nothing in it is certain. Pure.

export interface ClusterEvent {
  at: string;
  /** The cluster's own word: `BackOff`. */
  word: string;
  said: string;
  /** How often it happened. */
  count: number;
}

export interface Trouble {
  /** The cluster's own word: `ImagePullBackOff`. */
  word: string;
  said: string;
  pod: string;
  events: ClusterEvent[];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown) => (typeof value === 'string' ? value : '');

export function readTrouble(trouble: unknown): Trouble | undefined {
  if (!isObject(trouble)) return undefined;
  const events = Array.isArray(trouble.events) ? trouble.events.filter(isObject) : [];
  return {
    word: text(trouble.word),
    said: text(trouble.said),
    pod: text(trouble.pod),
    events: events.map((event) => ({
      at: text(event.at),
      word: text(event.word),
      said: text(event.said),
      count: typeof event.count === 'number' ? event.count : 1,
    })),
  };
}
