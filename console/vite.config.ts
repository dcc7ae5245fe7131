import { fileURLToPath } from 'node:url';
import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { compression, defineAlgorithm } from 'vite-plugin-compression2';
// @ts-expect-error Plain JavaScript, as what else this is built with.
import { again } from './build/again-plugin.mjs';
// @ts-expect-error Plain JavaScript: `npm run gen` reads it too.
import { words } from './build/words-plugin.mjs';

/** The server that `npm run dev` asks: any running `wharf serve`. */
const server = process.env.WHARF_URL ?? 'http://127.0.0.1:5000';

export default defineConfig({
  plugins: [
    // What a route reads comes with its page: else the readers of all pages would come with the first.
    tanstackRouter({ codeSplittingOptions: { defaultBehavior: [['loader', 'component']] } }),
    react(),
    words(),
    again(),
    // The server answers these bytes as they are.
    compression({
      include: /\.(html|js|css|svg|json)$/,
      algorithms: [defineAlgorithm('gzip', { level: 9 }), defineAlgorithm('brotliCompress')],
      logLevel: 'silent',
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    manifest: true,
    // The nonce is of a response; nothing may be inlined as data: either (img-src 'self').
    assetsInlineLimit: 0,
    // Style sheets only: lists of scripts to fetch ahead would be a third of the first load, and the router fetches ahead itself.
    modulePreload: { polyfill: false, resolveDependencies: (_, files) => files.filter((file) => file.endsWith('.css')) },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What every page needs in two files: many small ones compress worse and cost a request each.
        codeSplitting: {
          groups: [
            // Addresses, guards and what is read of an address: all of it is needed to know where one is.
            { name: 'routes', test: /src[\\/]routes[\\/][^?]+$/, priority: 3 },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|use-sync-external-store)[\\/]/, priority: 2 },
            {
              name: 'base',
              test: /node_modules[\\/](@tanstack[\\/](router-core|react-router|query-core|react-query|history|store|react-store)|i18next|react-i18next|openapi-fetch)[\\/]/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    // The server compares the origin of what changes something with its own.
    proxy: { '/api': { target: server, changeOrigin: true, headers: { origin: new URL(server).origin } } },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], globals: false },
});
