import { Table } from '@mantine/core';
import type { VersionDetail } from '@/api/versions';
import { useWords } from '@/app/words';
import { Digest } from '@/ui/Digest';
import { TextLink } from '@/ui/links';
import { Size } from '@/ui/Size';
import { chooseImage } from './view';

interface PlatformsProps {
  name: string;
  /** What found it: a tag or its digest. */
  tag: string;
  version: Pick<VersionDetail, 'children' | 'platforms'>;
}

/** What is in an index: an image leads to its layers, what no platform chooses to a page of its own. */
export function Platforms({ name, tag, version }: PlatformsProps) {
  const say = useWords();
  return (
    <Table aria-label={say('console.versions.platforms')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say('console.versions.platform')}</Table.Th>
          <Table.Th>{say('console.core.digest')}</Table.Th>
          <Table.Th className="number">{say('console.core.size')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {version.children.map((child) => (
          <Table.Tr key={child.digest}>
            <Table.Td>
              {child.platform && chooseImage(version, child.platform)?.digest === child.digest ? (
                <TextLink to="/images/$name/versions/$tag" params={{ name, tag }} search={{ view: 'layers', platform: child.platform }}>
                  {child.platform}
                </TextLink>
              ) : (
                <TextLink to="/images/$name/versions/$tag" params={{ name, tag: child.digest }}>
                  {child.platform ?? child.media_type}
                </TextLink>
              )}
            </Table.Td>
            <Table.Td>
              <Digest value={child.digest} />
            </Table.Td>
            <Table.Td className="number">
              <Size bytes={child.size_bytes} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
