// A Vite plugin: each part that is fetched when it is needed is asked for again where it does not arrive (src/app/again.ts).
// Of the build alone: the development server has parts of its own kind.

const fetched = /\bimport\((\s*(?:"[^"\n]+"|'[^'\n]+')\s*)\)/g;

export function again() {
  return {
    name: 'wharf-again',
    apply: 'build',
    transform: {
      filter: { id: { exclude: /node_modules/ }, code: /\bimport\(/ },
      handler(code) {
        const changed = code.replaceAll(fetched, 'importAgain(() => import($1))');
        return changed === code ? undefined : { code: `import { importAgain } from '@/app/again';\n${changed}`, map: null };
      },
    },
  };
}
