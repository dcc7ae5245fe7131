// The commands of each tool for one image, with its real names.
import type { WordKey } from '@/app/words';

export const tools = ['docker', 'podman', 'containerd', 'kubernetes'] as const;
export type Tool = (typeof tools)[number];

export const isTool = (value: unknown): value is Tool => tools.some((tool) => tool === value);

export interface Place {
  /** What stands before the slash in an image's name. */
  registry: string;
  /** The image's name with the registry before it. */
  address: string;
  /** The newest version, or one to begin with. */
  tag: string;
  /** Who is signed in. */
  username?: string;
  /** Whether this reader may push. */
  pushes: boolean;
  /** Whether nobody has to sign in to pull. */
  open: boolean;
  /** Whether the registry is reached without TLS. */
  plain: boolean;
}

export interface Command {
  title: WordKey;
  text: string;
}

/** What is typed in this order; signing in is left out where nobody has to. */
export function listCommands(tool: Tool, place: Place): Command[] {
  const { registry, address, tag, open, pushes } = place;
  const user = place.username ?? '<username>';
  const image = `${address}:${tag}`;
  const signsIn = !open || pushes;
  switch (tool) {
    case 'docker':
    case 'podman': {
      const insecure = tool === 'podman' && place.plain ? ' --tls-verify=false' : '';
      return [
        signsIn && { title: 'console.usage.sign_in' as const, text: `${tool} login${insecure} ${registry} -u ${user}` },
        { title: 'console.usage.pull' as const, text: `${tool} pull${insecure} ${image}` },
        pushes && {
          title: 'console.usage.push' as const,
          text: `${tool} tag <image> ${image}\n${tool} push${insecure} ${image}`,
        },
      ].filter((command) => command !== false);
    }
    case 'containerd': {
      const credential = open ? '' : ` --user ${user}`;
      const insecure = place.plain ? ' --plain-http' : '';
      return [
        { title: 'console.usage.pull', text: `ctr images pull${insecure}${credential} ${image}` },
        { title: 'console.usage.pull_cri', text: `crictl pull${open ? '' : ` --creds ${user}:<password>`} ${image}` },
      ];
    }
    case 'kubernetes':
      return [
        !open && {
          title: 'console.usage.pull_secret' as const,
          text: `kubectl create secret docker-registry wharf-pull \\\n  --docker-server=${registry} \\\n  --docker-username=${user} \\\n  --docker-password=<token>`,
        },
        {
          title: 'console.usage.pod' as const,
          text: [
            'spec:',
            ...(open ? [] : ['  imagePullSecrets:', '    - name: wharf-pull']),
            '  containers:',
            '    - name: app',
            `      image: ${image}`,
          ].join('\n'),
        },
      ].filter((command) => command !== false);
  }
}
