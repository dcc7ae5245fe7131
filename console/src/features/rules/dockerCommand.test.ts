import { expect, test } from 'vitest';
import { writeDockerCommand } from './dockerCommand';
import { newRuleValues } from './ruleValues';

const values = newRuleValues();

test('a rule with nothing set is the shortest command', () => {
  expect(writeDockerCommand(values, 'hub.example/a/b:main')).toBe('docker build -f Dockerfile -t hub.example/a/b:main .');
});

test('everything that is set is in it, quoted where a shell would stumble', () => {
  const full = {
    ...values,
    dockerfile: 'deploy/Dockerfile',
    directory: 'web app',
    target: 'final',
    platforms: ['linux/amd64', 'linux/arm64'],
    cache: false,
    args: [{ key: 0, name: 'NOTE', value: "it's" }],
  };
  expect(writeDockerCommand(full, 'a:b')).toBe(
    "docker build --platform linux/amd64,linux/arm64 --no-cache -f deploy/Dockerfile --target final --build-arg 'NOTE=it'\\''s' -t a:b 'web app'",
  );
});
