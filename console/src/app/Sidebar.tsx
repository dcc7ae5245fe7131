import type { SignedInUser } from '@/api/session';
import { NavItem } from '@/ui/links';
import { places } from './navigation';
import classes from './Sidebar.module.css';
import { useWords } from './words';

// Two places share an address and differ in what is asked for.
const here = { exact: false, includeSearch: true, explicitUndefined: true };

/** The places of the console, for whoever is signed in. */
export function Sidebar({ user }: { user: SignedInUser | null }) {
  const say = useWords();
  return (
    <ul className={classes.list}>
      {places
        .filter((place) => place.who?.(user) ?? true)
        .map((place) => (
          <li key={place.label} className={place.group ? classes.group : undefined}>
            <NavItem
              {...place.link}
              label={say(place.label)}
              leftSection={<place.icon size={18} aria-hidden />}
              activeOptions={here}
              className={classes.item}
            />
          </li>
        ))}
    </ul>
  );
}
