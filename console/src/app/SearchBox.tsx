import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { IconButton } from '@/ui/IconButton';
import { usePhone } from '@/ui/phone';
import { useKey } from './keys';
import classes from './SearchBox.module.css';
import { useWords } from './words';

const fetchSearch = () => import('@/features/search/SearchDialog');
const SearchDialog = lazy(fetchSearch);

/** What opens the search over everything; `/` does too. */
export function SearchBox() {
  const say = useWords();
  const phone = usePhone();
  const [opened, setOpened] = useState(false);
  const open = () => setOpened(true);
  useKey('/', 'console.core.search', open);
  const shared = { 'aria-haspopup': 'dialog' as const, onPointerEnter: fetchSearch, onFocus: fetchSearch, onClick: open };
  return (
    <>
      {phone ? (
        <IconButton {...shared} aria-label={say('console.core.search')}>
          <IconSearch size={18} aria-hidden />
        </IconButton>
      ) : (
        <button type="button" {...shared} className={classes.box}>
          <IconSearch size={16} aria-hidden />
          {say('console.core.search')}
          <kbd className={classes.key} aria-hidden>
            /
          </kbd>
        </button>
      )}
      {opened && (
        <Suspense fallback={null}>
          <SearchDialog onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
