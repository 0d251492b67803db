// Counts what the page asks the network for, so that nobody has to take our word.

/**
 * @returns {{ startCounting(): void, count: number, wasmBytes: number, onChange?: () => void }} `count` of requests since
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
    if (entry.name.endsWith(".wasm")) counter.wasmBytes = entry.decodedBodySize;
    if (entry.startTime <= since) return;
    counter.count += 1;
    counter.onChange?.();
  }

  /** The page has loaded: from here on every request counts. */
  function startCounting() {
    observer.takeRecords().forEach(take);
    since = performance.now();
  }

  return counter;
}
