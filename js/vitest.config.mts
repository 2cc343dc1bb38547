import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'] },
  plugins: [
    {
      // style sheets are text, as in the built widgets
      name: 'css-as-text',
      enforce: 'pre',
      load: id => (id.endsWith('.css') ? 'export default "";' : null),
    },
  ],
});
