import { formatCount } from './format/count';
import { formatSize } from './format/size';

/** A size of content: three digits, exact bytes on hover. */
export function Size({ bytes }: { bytes: number }) {
  return (
    <span className="nowrap" title={`${formatCount(bytes)} B`}>
      {formatSize(bytes)}
    </span>
  );
}
