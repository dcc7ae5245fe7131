// A Vite plugin: `virtual:wharf-words` is a map of `language/feature` to a function that fetches those sentences as a chunk.
import { catalogueFile, languages, readWords } from './words.mjs';

const index = 'virtual:wharf-words';

export function words() {
  return {
    name: 'wharf-words',
    resolveId: (id) => (id.startsWith(index) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${index}`)) return;
      const [, language, feature] = id.slice(1 + index.length).split('/');
      if (feature) return `export default ${JSON.stringify(readWords(language)[feature])}`;
      const lines = languages.flatMap((name) =>
        Object.keys(readWords(name)).map((of) => `'${name}/${of}': () => import('${index}/${name}/${of}')`),
      );
      return `export default {${lines.join(',\n')}}`;
    },
    configureServer(server) {
      const files = languages.map(catalogueFile);
      server.watcher.add(files);
      server.watcher.on('change', (file) => {
        if (!files.includes(file)) return;
        server.moduleGraph.invalidateAll();
        server.ws.send({ type: 'full-reload' });
      });
    },
  };
}
