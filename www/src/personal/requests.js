// Counts what the page asks the network for, so that nobody has to take our word.

/** WebKit asks for /favicon.ico of its own accord, up to so many milliseconds after the page has loaded. */
const ICON_MS = 500;

/**
 * @returns {{ startCounting(): Promise<void>, count: number, wasmBytes: number, onChange?: () => void }} `count` of requests since
 *   `startCounting`, and the bytes of WebAssembly, unpacked
 */
export function watchRequests() {
  const counter = { count: 0, wasmBytes: 0, startCounting, onChange: undefined };
  let since = Infinity;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) take(entry);
  });
  observer.observe({ type: "resource", buffered: true });

  function take(entry) {
    // The page for merchandisers brings a module of its own.
    if (/\/reshelve[^/]*\.wasm$/.test(entry.name)) counter.wasmBytes = entry.decodedBodySize;
    if (entry.startTime <= since) return;
    counter.count += 1;
    counter.onChange?.();
  }

  /** Once the page has loaded, and the browser has looked for an icon to show, every request counts. */
  async function startCounting() {
    if (document.readyState !== "complete")
      await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
    await new Promise((resolve) => setTimeout(resolve, ICON_MS));
    observer.takeRecords().forEach(take);
    since = performance.now();
  }

  return counter;
}
