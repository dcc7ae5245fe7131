// What a rule does, as the command that people know.
import type { RuleValues } from './ruleValues';
import { readArguments } from './ArgumentRows';

/** Plain words stay as they are; everything else is quoted as a shell reads it. */
const quote = (word: string) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

type Shown = Pick<RuleValues, 'dockerfile' | 'directory' | 'target' | 'platforms' | 'args' | 'cache'>;

/** `docker build -f deploy/Dockerfile --build-arg VERSION=1.0.0 -t hub…/shop/web:master .` */
export function writeDockerCommand(values: Shown, image: string): string {
  const words = ['docker', 'build'];
  if (values.platforms.length > 0) words.push('--platform', values.platforms.join(','));
  if (!values.cache) words.push('--no-cache');
  words.push('-f', values.dockerfile.trim() || 'Dockerfile');
  if (values.target.trim()) words.push('--target', values.target.trim());
  for (const [name, value] of Object.entries(readArguments(values.args))) words.push('--build-arg', `${name}=${value}`);
  words.push('-t', image, values.directory.trim() || '.');
  return words.map(quote).join(' ');
}
