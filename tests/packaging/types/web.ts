// Sources and options that only exist where a runtime's types declare them.
import { loadModel } from "reshelve";
import { openCounters } from "reshelve/counters";
import { type Reorder, reorderBytes, reorderHtml, reorderPage } from "reshelve/html";
import { openPublished } from "reshelve/published";

export async function everySource(): Promise<void> {
  const controller = new AbortController();
  await loadModel("/store.shelf", { signal: controller.signal, wasm: "/reshelve.wasm" });
  await loadModel(new URL("https://shop.example/store.shelf"));
  await loadModel(new Request("/store.shelf"));
  await loadModel(fetch("/store.shelf"), { wasm: fetch("/reshelve.wasm") });
  await loadModel((await fetch("/store.shelf")).body!, { wasm: await fetch("/reshelve.wasm") });
  await openPublished(new URL("https://shop.example/manifest.json"), { cache: await caches.open("reshelve") });
  // @ts-expect-error: a number is no source
  await loadModel(5);
}

/** What `fetch` returns is nothing to be caught. */
export const counters = openCounters({
  experiment: "autumn",
  placements: ["search"],
  holdout: 0.1,
  storage: () => localStorage,
  agreed: () => true,
  send: (report) => fetch("/reports", { method: "POST", body: JSON.stringify(report), keepalive: true }),
});

/** Streams and documents fit. */
export async function everyPage(response: Response, reorder: Reorder): Promise<Response> {
  const [report] = await reorderPage(Promise.resolve(reorder), { root: document.body });
  await reorderPage(undefined);
  const onList = ({ surface }: { surface: string }): void => void [surface, report?.outcome];
  const bytes: Uint8Array = reorderBytes(await response.clone().arrayBuffer(), reorder, { onList });
  if (bytes.length === 0) return response;
  return new Response(response.body!.pipeThrough(reorderHtml(reorder, { onList, maxListBytes: 1024 })));
}
