// The roles that members may have.
import type { MemberRole } from '@/api/members';
import type { WordKey } from '@/app/words';

/** From the one that may least. */
export const memberRoles: MemberRole[] = ['reader', 'developer', 'maintainer', 'owner'];

/** What each may, beyond the one before it. */
export const roleTexts: Record<MemberRole, WordKey> = {
  reader: 'console.namespaces.may.reader',
  developer: 'console.namespaces.may.developer',
  maintainer: 'console.namespaces.may.maintainer',
  owner: 'console.namespaces.may.owner',
};
