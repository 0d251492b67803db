// Sources and options as Cloudflare's types declare them.
import { loadModel } from "reshelve";
import { reorderBytes, reorderHtml } from "reshelve/html";
import { openPublished } from "reshelve/published";

interface Env {
  ASSETS: Fetcher;
  MODELS: R2Bucket;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const options = { signal: AbortSignal.timeout(1000) };
    const model = await loadModel(env.ASSETS.fetch(new URL("/store.shelf", request.url)), options);
    await loadModel(new URL("https://shop.example/store.shelf"));
    await loadModel(new Request("https://shop.example/store.shelf"));
    const kept = await env.MODELS.get("store.shelf");
    if (kept) await loadModel(kept.body, options);
    await openPublished(new URL("https://shop.example/manifest.json"), { cache: caches.default });
    const session = model.session();
    const reorder = (surface: string, items: readonly { id: string }[]) =>
      session.rerank(items, { surface, itemId: ({ id }) => id });
    const page = await env.ASSETS.fetch(request);
    if (request.method === "HEAD") return new Response(reorderBytes(await page.arrayBuffer(), reorder), page);
    return new Response(page.body?.pipeThrough(reorderHtml(reorder)), page);
  },
};
