import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

// The import arrows: lib <- components <- features; bindings <- backend <- state <- features.
// Folders are imported as `$src/<folder>/..`; a relative path stays inside its folder.
const folder = (name) => `^(\\$src/|(\\.\\./)+)${name}(/|$)`;
const tauri = {
  group: ['@tauri-apps/*', '@tauri-apps/**'],
  message: 'Only src/backend/tauri.ts talks to Tauri.',
};

/** Files in `of` must not import from the folders `forbidden`. */
function arrow(of, forbidden) {
  return {
    files: [`src/${of}/**/*.{ts,svelte,svelte.ts}`],
    ignores: of === 'backend' ? ['src/backend/tauri.ts'] : [],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            tauri,
            ...forbidden.map((name) => ({
              regex: folder(name),
              message: `${of} must not import ${name}; see ui/README.md for the arrows.`,
            })),
          ],
        },
      ],
    },
  };
}

export default ts.config(
  {
    ignores: ['dist/', 'node_modules/', 'src/i18n/paraglide/', 'src/bindings/', 'project.inlang/'],
  },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'no-console': 'error',
      'no-eval': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      // Payloads, topics and names come from strangers: nothing is ever rendered as HTML.
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      'svelte/button-has-type': 'error',
      'svelte/no-target-blank': 'error',
      // State is replaced and never changed in place, so plain collections in $state.raw do.
      'svelte/prefer-svelte-reactivity': 'off',
      'max-lines': ['error', 250],
    },
  },
  {
    files: ['src/**/*.{ts,svelte,svelte.ts}'],
    rules: { 'no-restricted-imports': ['error', { patterns: [tauri] }] },
  },
  arrow('lib', ['bindings', 'backend', 'state', 'features', 'components', 'app']),
  arrow('i18n', ['backend', 'state', 'features', 'components', 'app']),
  arrow('components', ['bindings', 'backend', 'state', 'features', 'app']),
  arrow('bindings', ['backend', 'state', 'features', 'components', 'lib', 'i18n', 'app']),
  arrow('backend', ['state', 'features', 'components', 'i18n', 'app']),
  arrow('state', ['features', 'components', 'app']),
  arrow('features', ['app']),
  {
    files: ['src/backend/tauri.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
);
