import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      'dist',
      'node_modules',
      '.tap',
      '**/.venv',
      'test/config/cases',
      'deploy/demo/web/dist',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // tap registers and awaits sub-tests itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: '@tapjs/core', name: ['test', 'rejects', 'resolves'] },
            { from: 'package', package: '@tapjs/test', name: ['test'] },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,js}', 'deploy/**/*.{ts,tsx}'],
    rules: {
      'max-lines-per-function': ['error', { max: 40 }],
      'max-lines': ['error', { max: 250 }],
    },
  },
  {
    // Closures stand for classes there: what they share can be given short names, and every byte is sent to every browser.
    files: ['src/client/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 90 }] },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
)
