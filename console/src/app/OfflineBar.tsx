import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { retryConnection, useConnection } from './connection';
import classes from './OfflineBar.module.css';
import { useWords } from './words';

/** Says that the server does not answer and when it is asked again; what was read stays. Also that a new version is there. */
export function OfflineBar() {
  const say = useWords();
  const { lostAt, retryAt, outdated } = useConnection();
  if (lostAt !== undefined) return <Lost lostAt={lostAt} retryAt={retryAt} />;
  if (!outdated) return null;
  return (
    <div className={classes.bar} role="status">
      {say('console.core.updated')}
      <Button size="compact-sm" variant="default" onClick={() => window.location.reload()}>
        {say('console.core.reload')}
      </Button>
    </div>
  );
}

function Lost({ lostAt, retryAt }: { lostAt: number; retryAt: number }) {
  const say = useWords();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div className={classes.bar}>
      {/* Said once, not every second. */}
      <span role="status" aria-label={say('console.core.offline')}>
        {say('console.core.offline_retry', { seconds })}
      </span>
      <span>{say('console.core.as_of', { time: new Date(lostAt).toLocaleTimeString('en-GB') })}</span>
      <Button size="compact-sm" variant="default" onClick={() => void retryConnection()}>
        {say('console.core.retry_now')}
      </Button>
    </div>
  );
}
