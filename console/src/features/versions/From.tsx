import type { Version } from '@/api/versions';
import { useWords } from '@/app/words';
import { TextLink } from '@/ui/links';

interface FromProps {
  name: string;
  version: Pick<Version, 'build' | 'pushed_by'>;
  /** Whether the reader may see builds: then one is a link. */
  builds: boolean;
}

/** 来源: the build that pushed a version, or who did. */
export function From({ name, version, builds }: FromProps) {
  const say = useWords();
  if (!version.build) return version.pushed_by;
  const text = say('console.versions.of_build', { number: version.build });
  if (!builds) return text;
  return (
    <TextLink to="/images/$name/builds/$number" params={{ name, number: String(version.build) }}>
      {text}
    </TextLink>
  );
}
