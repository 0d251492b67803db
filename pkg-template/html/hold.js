// A classic script for the head of a page, before its lists: where there is a token to order by, and no worker has done
// it, lists with `data-reshelve` wait hidden (hold.css) for `reorderPage`. Where this does not run, nothing is hidden.
try {
  const name = document.currentScript?.dataset.cookie ?? "reshelve";
  const hasToken = document.cookie.split("; ").some((cookie) => cookie.startsWith(`${name}=`));
  const timings = performance.getEntriesByType("navigation")[0]?.serverTiming ?? [];
  const isOrdered = timings.some((timing) => timing.name === "reshelve" && timing.description === "on");
  if (hasToken && !isOrdered) document.documentElement.classList.add("reshelve-hold");
} catch {
  // A frame without cookies, as a sandbox makes it: the page stays as it is.
}
