// What an image's config says, as its spec has it (OCI image-spec config.md); what is no image has none.

export interface ConfigFacts {
  platform?: string;
  user?: string;
  workingDirectory?: string;
  entrypoint?: string[];
  command?: string[];
  ports: string[];
  volumes: string[];
  stopSignal?: string;
  author?: string;
  environment: [string, string][];
  labels: [string, string][];
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const readText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const readTexts = (value: unknown) => (Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : undefined);
const readKeys = (value: unknown) => (isFields(value) ? Object.keys(value).toSorted() : []);

/** Whatever was pushed as a config is read as far as it is one. */
export function readConfig(config: unknown): ConfigFacts | undefined {
  if (!isFields(config)) return undefined;
  const inner: Fields = isFields(config.config) ? config.config : {};
  const labels: Fields = isFields(inner.Labels) ? inner.Labels : {};
  const parts = [config.os, config.architecture, config.variant].map(readText).filter((part) => part !== undefined);
  return {
    platform: parts.join('/') || undefined,
    user: readText(inner.User),
    workingDirectory: readText(inner.WorkingDir),
    entrypoint: readTexts(inner.Entrypoint),
    command: readTexts(inner.Cmd),
    ports: readKeys(inner.ExposedPorts),
    volumes: readKeys(inner.Volumes),
    stopSignal: readText(inner.StopSignal),
    author: readText(config.author),
    environment: (readTexts(inner.Env) ?? []).map(splitVariable),
    labels: Object.entries(labels)
      .map(([key, value]): [string, string] => [key, String(value)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=');
  return at < 0 ? [variable, ''] : [variable.slice(0, at), variable.slice(at + 1)];
}
