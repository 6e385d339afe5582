import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: process.env["HOTLINE_PAGES_OUT"] ?? "../callcenter/web/built",
    emptyOutDir: true,
    // The pages' strict CSP allows no inline script and no data: font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8348", ws: true }, "/health": "http://127.0.0.1:8348" },
  },
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"] },
});
