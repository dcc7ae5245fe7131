/// <reference types="vite/client" />
declare module 'virtual:wharf-words' {
  const chunks: Record<string, () => Promise<{ default: Record<string, string> }>>;
  export default chunks;
}
