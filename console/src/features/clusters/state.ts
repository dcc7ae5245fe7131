// How a cluster stands, as it is shown.
import type { ShownState } from '@/ui/StateBadge';

export function showCluster(state: string): ShownState {
  switch (state) {
    case 'reachable':
      return 'reachable';
    case 'failing':
      return 'unreachable';
    default:
      return 'unchecked';
  }
}
