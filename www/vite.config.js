// Builds the demo store. RESHELVE_STORE names the folder with what it sells and what it has learned: catalog.jsonl,
// shoppers.json and store.shelf. They are served beside the pages, as a store would put them on its CDN.

import path from "node:path";
import { defineConfig } from "vite";

const store = process.env.RESHELVE_STORE;

export default defineConfig({
  // Relative addresses: the store works from any folder of any static host.
  base: "./",
  publicDir: store ? path.resolve(store) : false,
  build: {
    target: "es2022",
    // The content security policy allows no `data:` address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // Found beside its own module by `new URL("….wasm", import.meta.url)`, which bundling ahead of time would move.
  optimizeDeps: { exclude: ["reshelve"] },
});
