import { fileURLToPath } from 'node:url';

import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const catalogues = { project: './project.inlang', outdir: './src/i18n/paraglide' };
const src = fileURLToPath(new URL('./src', import.meta.url));

// Tauri opens http://127.0.0.1:1420 in development and embeds ui/dist otherwise. The window is
// WebKitGTK 2.40 or newer, WKWebView of macOS 13.3 or WebView2, hence the build target.
export default defineConfig(({ mode }) => ({
  // Tests compile the catalogues beforehand: the plugin's watcher would keep Vitest from ending.
  plugins: [mode === 'test' ? [] : paraglideVitePlugin(catalogues), svelte()],
  resolve: {
    alias: { $src: src },
    // Vitest would otherwise take Svelte's server build.
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  clearScreen: false,
  server: { host: '127.0.0.1', port: 1420, strictPort: true },
  build: { outDir: 'dist', target: 'safari16.4', chunkSizeWarningLimit: 900 },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
  },
}));
