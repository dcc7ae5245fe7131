import { IconSearch } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { IconButton } from '@/ui/IconButton';
import { usePhone } from '@/ui/phone';
import { useKey } from './keys';
import { useOverList } from './overList';
import classes from './SearchBox.module.css';
import { useWords } from './words';

const fetchSearch = () => import('@/features/search/SearchDialog');
const SearchDialog = lazy(fetchSearch);

/** It is beside what each page has in its address: no route names it, so that none takes it for a condition of its own. */
const readTerm = (all: object) => ('search' in all && all.search !== undefined ? String(all.search) : undefined);

/** What opens the search over everything; `/` does too. It is in the address with its term. */
export function SearchBox() {
  const say = useWords();
  const phone = usePhone();
  const term = useSearch({ strict: false, select: readTerm });
  const over = useOverList<{ search?: string }>({ search: undefined });
  const open = () => over.open({ search: '' });
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
      {term !== undefined && (
        <Suspense fallback={null}>
          <SearchDialog term={term} onTerm={(search) => over.change({ search })} onClose={over.close} />
        </Suspense>
      )}
    </>
  );
}
