import { useWords } from '@/app/words';
import { Copy } from './Copy';
import { cutCommit, cutDigest } from './format/cut';

/** A digest, cut in the middle, whole on hover and when copied. */
export function Digest({ value }: { value: string }) {
  const say = useWords();
  return (
    <span className="beside">
      <span className="mono nowrap" title={value}>
        {cutDigest(value)}
      </span>
      <Copy value={value} label={say('console.core.digest_in_text')} />
    </span>
  );
}

/** A git commit: 8 digits, whole on hover. */
export function Commit({ value }: { value: string }) {
  return (
    <span className="mono nowrap" title={value}>
      {cutCommit(value)}
    </span>
  );
}
