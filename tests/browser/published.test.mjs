// Published models in pages: shards as they are needed, the cache, and deltas where it has an earlier version.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { engine, withPage } from "../harness/browser.mjs";
import { serve } from "../harness/server.mjs";
import { buildPage } from "../packaging/project.mjs";

const N_ITEMS = 2000;
const KINDS = ["boots", "lamps", "tents", "towels"];

const reshelve = (...options) => promisify(execFile)(process.env.RESHELVE_BIN, options);

/** Builds a model of a catalog in which some prices are others, and publishes it. */
async function publish(folder, dearer) {
  const items = Array.from({ length: N_ITEMS }, (_, item) => ({
    item_id: `item-${item}`,
    title: `${KINDS[item % 4]} number ${item % 97} in ${["red", "green", "blue"][item % 3]}`,
    category: KINDS[item % 4],
    price: item % 50 === dearer ? 900 + item : 10 + (item % 31),
  }));
  const catalog = path.join(folder, "catalog.jsonl");
  await writeFile(catalog, items.map((item) => JSON.stringify(item)).join("\n"));
  const [model, published] = [path.join(folder, "store.shelf"), path.join(folder, "model")];
  await reshelve("build", "--catalog", catalog, "-o", model);
  await reshelve("publish", model, "-o", published, "--first", "300", "--most", "500");
  return JSON.parse(await readFile(path.join(published, "manifest.json"), "utf8"));
}

test(`published models, ${engine}`, { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "reshelve-published-"));
  const page = (await buildPage("none")).folder;
  const server = await serve({ "/": page, "/model/": path.join(folder, "model") });
  const asked = () => server.requests.splice(0).filter((request) => request.startsWith("/model/"));
  const named = (manifest, ...kinds) =>
    kinds.flatMap((kind) => manifest.shards.filter(({ name }) => name === kind).map(({ file }) => `/model/${file}`));
  try {
    const before = await publish(folder, 7);
    await withPage(async (page) => {
      await page.goto(`${server.url}/index.html`);
      const opened = await page.evaluate(async () => {
        const { openPublished } = await import("/reshelve/published/index.js");
        const cache = await caches.open("reshelve");
        globalThis.published = await openPublished("/model/manifest.json", { cache });
        const first = published.model.info.itemCount;
        const { info } = await published.load("boots");
        return [first, info.itemCount];
      });
      assert.deepEqual(opened, [
        300,
        before.shards[0].items + before.shards.find(({ name }) => name === "boots").items,
      ]);
      assert.deepEqual(asked(), ["/model/manifest.json", ...named(before, "first", "boots")]);

      // The tab stays open while the store publishes again.
      const after = await publish(folder, 8);
      assert.notEqual(after.model, before.model);
      const updated = await page.evaluate(async () => (await published.update()).info.itemCount);
      assert.equal(updated, opened[1]);
      const deltas = ["first", "boots"].map((kind) => {
        const { deltas, bytes } = after.shards.find(({ name }) => name === kind);
        assert.ok(deltas[0].bytes < bytes / 4, `${deltas[0].bytes} of ${bytes} bytes`);
        return `/model/${deltas[0].file}`;
      });
      assert.deepEqual(asked().sort(), ["/model/manifest.json", ...deltas].sort());

      // What a page caches under WebKit's driver is not there for the next one.
      if (engine === "webkit") return;

      // Everything that was loaded is kept, and nothing of the version before.
      await page.goto(`${server.url}/index.html`);
      const again = await page.evaluate(async () => {
        const { openPublished } = await import("/reshelve/published/index.js");
        const cache = await caches.open("reshelve");
        const published = await openPublished("/model/manifest.json", { cache });
        const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
        for (const { name } of published.shards) await published.load(name);
        return [kept, published.model.info];
      });
      assert.deepEqual(again[0].sort(), named(after, "first", "boots").sort());
      assert.deepEqual([again[1].id, again[1].itemCount], [after.model, N_ITEMS]);
      assert.deepEqual(asked().sort(), ["/model/manifest.json", ...named(after, "lamps", "tents", "towels")].sort());

      // A page of a later version keeps what a delta leads on from until it is asked for.
      const later = await publish(folder, 9);
      await page.goto(`${server.url}/index.html`);
      const brought = await page.evaluate(async () => {
        const { openPublished } = await import("/reshelve/published/index.js");
        const published = await openPublished("/model/manifest.json", { cache: await caches.open("reshelve") });
        return (await published.load("boots")).info.itemCount;
      });
      assert.equal(brought, opened[1]);
      const short = ["first", "boots"].map(
        (kind) => `/model/${later.shards.find(({ name }) => name === kind).deltas[0].file}`,
      );
      assert.deepEqual(asked().sort(), ["/model/manifest.json", ...short].sort());
    });
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});
