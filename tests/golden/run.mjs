// Runs the golden cases through the npm package. Pure: nothing here is of one runtime, so that every runtime can run it.

/**
 * @param {typeof import("../../pkg-template/index.d.ts")} reshelve the package under test
 * @param {{ models: Record<string, string>, cases: object[] }} golden `cases.json`
 * @param {(file: string) => unknown} open gives what `loadModel` takes for a file beside it: its bytes, or its address
 * @param {object} [options] for `loadModel`
 * @returns {Promise<{ passed: number, failures: string[] }>} a failure names its case, and what differs
 */
export async function runGolden({ loadModel }, golden, open, options) {
  const failures = [];
  let passed = 0;
  for (const [name, file] of Object.entries(golden.models)) {
    const model = await loadModel(await open(file), options);
    for (const testCase of golden.cases.filter((candidate) => candidate.model === name)) {
      const differences = compare(run(model, testCase), testCase.expect);
      if (differences.length === 0) passed += 1;
      else failures.push(`${testCase.name}: ${differences.join("; ")}`);
    }
    model.dispose();
  }
  return { passed, failures };
}

function run(model, { events = [], token, rerank, recommend }) {
  const session = model.session(token, { now: (rerank ?? recommend).now });
  const { restored } = session;
  for (const event of events) session.record(event);
  const ranking = rerank ? runRerank(session, rerank) : session.recommend({ ...recommend, explain: true });
  const explanations = ranking.explanations ?? [];
  session.dispose();
  return {
    ...(token !== undefined && { restored }),
    outcome: ranking.outcome,
    reason: ranking.reason,
    ...(rerank
      ? { order: ranking.items.map(({ index }) => index) }
      : { items: ranking.items.map(({ itemId }) => itemId), bases: ranking.items.map(({ basis }) => basis) }),
    parts: explanations.map(({ parts }) => Object.values(parts)),
    penalties: explanations.map(({ penalty }) => penalty),
    reasons: explanations.map(({ reason }) => reason),
  };
}

function runRerank(session, { candidates, base, prices, pinned, ...options }) {
  const hits = candidates.map((itemId, index) => ({ itemId, index }));
  return session.rerank(hits, {
    ...options,
    itemId: (hit) => hit.itemId,
    baseScore: base && ((hit) => base[hit.index]),
    price: prices && ((hit) => prices[hit.index] ?? undefined),
    pinned: pinned && ((hit) => pinned[hit.index] ?? undefined),
    explain: true,
  });
}

function compare(got, expected) {
  const keys = new Set([...Object.keys(got), ...Object.keys(expected)]);
  return [...keys]
    .filter((key) => canonical(got[key]) !== canonical(expected[key]))
    .map((key) => `${key} is ${canonical(got[key])} instead of ${canonical(expected[key])}`);
}

/** JSON with the keys in order. */
function canonical(value) {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
