// Counters: what they keep, when they say nothing, and that what they send is what `reshelve estimate` takes it for.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { openCounters } from "reshelve/counters";
import { warningsOf } from "./setup.mjs";

const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A Web Storage that counts how often it is touched. */
function memory() {
  const held = new Map();
  const storage = {
    held,
    touched: 0,
    getItem: (key) => ((storage.touched += 1), held.get(key) ?? null),
    setItem: (key, value) => ((storage.touched += 1), void held.set(key, String(value))),
    removeItem: (key) => ((storage.touched += 1), void held.delete(key)),
  };
  return storage;
}

/** A device that has agreed: its options, its storage, and what it has sent. */
function device(options = {}) {
  const storage = memory();
  const sent = [];
  const common = { experiment: "autumn", placements: ["search", "home"], holdout: 0.5, agreed: () => true };
  return { storage, sent, options: { ...common, storage, send: (report) => void sent.push(report), ...options } };
}

/** Runs something at a time of its own; `wait` lets time pass. */
function atTime(work) {
  const { now } = Date;
  let time = Date.UTC(2026, 0, 1);
  Date.now = () => time;
  try {
    return work((ms) => void (time += ms));
  } finally {
    Date.now = now;
  }
}

/** Runs something with other globals than the runtime's own. */
function withGlobal(name, value, work) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  try {
    return work();
  } finally {
    if (own) Object.defineProperty(globalThis, name, own);
    else delete globalThis[name];
  }
}

/** Draws visits until one counts what is asked for. */
function countersOf({ storage, options }, counted, placement, discovered = false) {
  for (;;) {
    storage.held.clear();
    const counters = openCounters(options);
    const { counting } = counters.about();
    if (counting.counted === counted && counting.placement === placement && counting.discovered === discovered) {
      return counters;
    }
  }
}

test("a report has the documented shape, and one goes out a visit", () => {
  const { options, sent } = device();
  const counters = openCounters(options);
  assert.deepEqual(sent, []);
  counters.end();
  counters.end();
  counters.exposed("search");
  counters.end();
  assert.equal(sent.length, 1);
  const [{ arm, cell, bit, ...rest }] = sent;
  const caps = { exposures: 8, clicks: 4, purchases: 1 };
  const design = { experiment: "autumn", holdout: 0.5, placements: ["search", "home"], discovered: false, caps };
  assert.deepEqual(rest, { v: 1, mechanism: "one_bit_mean", epsilon: 1, design });
  assert.equal(arm, counters.arm());
  assert.deepEqual(Object.keys(cell), ["placement", "discovered", "counted"]);
  assert.ok(bit === 0 || bit === 1);
});

test("nothing is touched before the shopper agrees, and only true is a yes", async () => {
  for (const answer of [false, undefined, "yes", 1, Promise.resolve(true)]) {
    const { storage, options, sent } = device({ agreed: () => answer });
    const counters = openCounters(options);
    counters.exposed("search");
    counters.end();
    assert.deepEqual([counters.arm(), counters.about().status], [undefined, "not_agreed"]);
    assert.deepEqual([storage.touched, sent], [0, []]);
  }
  const refuse = () => {
    throw new Error("no banner");
  };
  const warnings = await warningsOf(() =>
    assert.equal(openCounters(device({ agreed: refuse }).options).arm(), undefined),
  );
  assert.match(warnings[0], /no banner/);
});

test("agreement may come late, and withdrawal erases", () => {
  let agreed = false;
  const { storage, options } = device({ agreed: () => agreed });
  const counters = openCounters(options);
  agreed = true;
  assert.match(counters.arm(), /^(holdout|personalized)$/);
  assert.equal(storage.held.size, 1);
  agreed = false;
  assert.equal(counters.erase(), true);
  counters.exposed("search");
  counters.end();
  assert.equal(storage.held.size, 0);
});

test("an opt-out signal, a driven browser and a page that nobody sees count nothing", () => {
  const check = (name, value, status) =>
    withGlobal(name, value, () => {
      const { storage, options } = device();
      assert.equal(openCounters(options).about().status, status);
      assert.equal(storage.touched, 0);
    });
  check("navigator", { globalPrivacyControl: true }, "opted_out");
  check("navigator", { webdriver: true }, "automated");
  check("document", { prerendering: true }, "prerendering");
  check("crypto", undefined, "no_randomness");
  check("crypto", {}, "no_randomness");
});

test("storage that is blocked, full, deaf or forgetful counts nothing and never throws", () => {
  const refuse = () => {
    throw new DOMException("refused", "SecurityError");
  };
  const blocked = [refuse, () => null, {}, { getItem: refuse }, { ...memory(), setItem: refuse }];
  for (const storage of [...blocked, { ...memory(), setItem() {} }]) {
    const { options, sent } = device({ storage });
    const counters = openCounters(options);
    counters.exposed("search");
    counters.end();
    assert.deepEqual([counters.arm(), counters.about().status, sent], [undefined, "no_storage", []]);
    counters.erase();
  }
});

test("a damaged record is as none", () => {
  const { storage, options, sent } = device();
  const at = Date.now();
  const visit = { at, cell: "clicks/all/search", count: 1 };
  const broken = [{ v: 2 }, { v: 1 }, { v: 1, sent: [], drawn: "0.5/autumn", arm: "third" }];
  const visits = [
    { ...visit, at: "now" },
    { ...visit, cell: 5 },
    { ...visit, count: 1.5 },
    { ...visit, count: -1 },
    null,
  ];
  const records = visits.map((visit) => ({ v: 1, sent: [], drawn: "0.5/autumn", arm: "holdout", visit }));
  const several = [...records, ...broken].map(({ v, sent, ...experiment }) => ({ v, sent, experiments: [experiment] }));
  const all = [...broken, ...records, ...several, { v: 1, sent: [], experiments: [null, 5] }];
  const texts = ["", "null", "5", "{", ...all.map((record) => JSON.stringify(record))];
  for (const text of texts) {
    storage.held.set("reshelve-counters", text);
    const { status, count } = openCounters(options).about();
    assert.deepEqual([status, count], ["counting", 0], text);
  }
  // A cell that the design does not have, as after a change of the page: the visit ends without a report.
  const record = { v: 1, sent: [], drawn: "0.5/autumn", arm: "holdout", visit: { ...visit, cell: "clicks/all/gone" } };
  storage.held.set("reshelve-counters", JSON.stringify(record));
  openCounters(options).end();
  assert.deepEqual(sent, []);
});

test("the arm stays, and is drawn anew for another experiment or share alone", () => {
  const { options } = device();
  const arm = openCounters(options).arm();
  for (let n = 0; n < 20; n++) assert.equal(openCounters({ ...options, placements: ["search"] }).arm(), arm);
  const others = Array.from({ length: 64 }, (_, n) => openCounters({ ...options, experiment: `e${n}` }).arm());
  assert.equal(new Set(others).size, 2);
  assert.equal(openCounters({ ...options, holdout: 1 }).arm(), "holdout");
  assert.equal(openCounters({ ...options, holdout: 0 }).arm(), "personalized");
});

test("two experiments at once keep an arm and a visit each, and spend one budget", () =>
  atTime((wait) => {
    const { options, sent, storage } = device();
    const open = (experiment) => openCounters({ ...options, experiment });
    const arms = ["autumn", "winter"].map((experiment) => open(experiment).arm());
    for (let n = 0; n < 6; n++) {
      for (const [at, experiment] of ["autumn", "winter"].entries()) {
        const counters = open(experiment);
        assert.equal(counters.arm(), arms[at]);
        counters.exposed("search");
        counters.clicked("search");
      }
      wait(DAY_MS);
    }
    const experiments = sent.map(({ design }) => design.experiment);
    assert.deepEqual(experiments, Array(4).fill(["autumn", "winter"]).flat(), "eight are all that the budget allows");
    for (const { design, arm } of sent) assert.equal(arm, arms[design.experiment === "autumn" ? 0 : 1]);
    assert.equal(open("winter").about().spent, 8);
    // Many others, and those that were called last are kept.
    for (let n = 0; n < 40; n++) open(`e${n}`);
    const { experiments: kept } = JSON.parse(storage.held.get("reshelve-counters"));
    assert.deepEqual(
      kept.map(({ drawn }) => drawn),
      Array.from({ length: 16 }, (_, n) => `0.5/e${n + 24}`),
    );
  }));

test("a record with one experiment, as it was written once, goes on", () => {
  for (const arm of ["holdout", "personalized"]) {
    const { storage, options } = device();
    const at = Date.now();
    const visit = { at, cell: "clicks/all/search", count: 2, ended: false };
    const record = { v: 1, drawn: "0.5/autumn", arm, sent: [{ at, epsilon: 1 }], visit };
    storage.held.set("reshelve-counters", JSON.stringify(record));
    openCounters({ ...options, experiment: "winter" });
    const about = openCounters(options).about();
    assert.deepEqual([about.arm, about.count, about.spent], [arm, 2, 1]);
  }
});

test("a visit counts what it has drawn, up to the cap", () => {
  const one = device();
  const clicks = countersOf(one, "clicks", "search");
  clicks.clicked("home");
  clicks.exposed("search");
  clicks.purchased("search");
  assert.equal(clicks.about().count, 0);
  for (let n = 1; n <= 6; n++) {
    clicks.clicked("search", { discovered: [] }, 0);
    assert.equal(clicks.about().count, Math.min(n, 4));
  }
  const bought = countersOf(one, "purchases", null);
  bought.exposed("search");
  assert.equal(bought.about().count, 0);
  bought.purchased();
  assert.equal(bought.about().count, 1);
});

test("what was bought counts for the visit, wherever it came from", async () => {
  for (const placement of [undefined, null, "search", "a list without counters"]) {
    const bought = countersOf(device(), "purchases", null);
    const warnings = await warningsOf(() => bought.purchased(placement));
    assert.equal(bought.about().count, 1);
    assert.equal(warnings.length, placement?.startsWith("a list") ? 1 : 0);
  }
});

test("slots for something different are counted apart, and among all", () => {
  const one = device({ discovered: true });
  const ranking = { discovered: [2] };
  const counts = (counted, discovered, act) => {
    const counters = countersOf(one, counted, "search", discovered);
    act(counters);
    return counters.about().count;
  };
  for (const discovered of [false, true]) {
    assert.equal(
      counts("exposures", discovered, (counters) => counters.exposed("search", ranking)),
      1,
    );
    assert.equal(
      counts("clicks", discovered, (counters) => counters.clicked("search", ranking, 2)),
      1,
    );
    assert.equal(
      counts("purchases", discovered, (counters) => counters.purchased("search", true)),
      1,
    );
  }
  assert.equal(
    counts("exposures", true, (counters) => counters.exposed("search", { discovered: [] })),
    0,
  );
  assert.equal(
    counts("clicks", true, (counters) => counters.clicked("search", ranking, 1)),
    0,
  );
  assert.equal(
    counts("purchases", true, (counters) => counters.purchased("search")),
    0,
  );
});

test("a visit ends after half an hour, and what is counted survives a change of pages", () =>
  atTime((wait) => {
    const one = device();
    countersOf(one, "clicks", "search").clicked("search");
    wait(29 * MINUTE_MS);
    assert.equal(openCounters(one.options).about().count, 1);
    wait(29 * MINUTE_MS);
    openCounters(one.options);
    assert.equal(one.sent.length, 0);
    wait(30 * MINUTE_MS);
    const counters = openCounters(one.options);
    assert.equal(one.sent.length, 1);
    assert.deepEqual(one.sent[0].cell, { placement: "search", discovered: false, counted: "clicks" });
    assert.equal(counters.about().count, 0);
  }));

test("the end of a visit that is long over begins no other", () =>
  atTime((wait) => {
    const { options, sent } = device();
    const counters = openCounters(options);
    wait(40 * MINUTE_MS);
    counters.end();
    assert.equal(sent.length, 1);
    wait(DAY_MS);
    assert.equal(openCounters(options).about().spent, 1);
    assert.equal(sent.length, 1);
  }));

test("reports of a device stay within the budget of 30 days", () =>
  atTime((wait) => {
    const { options, sent } = device({ epsilon: 0.1, budget: 0.3 });
    const visit = () => {
      const counters = openCounters(options);
      counters.end();
      wait(DAY_MS);
      return counters.about();
    };
    for (let n = 1; n <= 5; n++) {
      const { spent, status } = visit();
      assert.ok(Math.abs(spent - 0.1 * Math.min(n, 3)) < 1e-9);
      assert.equal(status, n < 3 ? "counting" : "budget_spent");
    }
    assert.equal(sent.length, 3);
    // Another experiment draws on the same budget.
    openCounters({ ...options, experiment: "winter" }).end();
    assert.equal(sent.length, 3);
    wait(30 * DAY_MS);
    visit();
    // That of the visit before, which was kept while another experiment was called, and its own.
    assert.equal(sent.length, 5);
  }));

test("what cannot be written down is not sent, and a report is sent once whatever becomes of it", async () => {
  const { options, storage, sent } = device();
  const counters = openCounters(options);
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  counters.end();
  assert.equal(sent.length, 0);
  let calls = 0;
  const fail = async () => {
    calls += 1;
    throw new Error("offline");
  };
  const warnings = await warningsOf(async () => {
    const failing = openCounters(device({ send: fail }).options);
    failing.end();
    failing.end();
    await new Promise((resolve) => setTimeout(resolve));
  });
  assert.equal(calls, 1);
  assert.match(warnings[0], /offline/);
});

test("options that cannot be used count nothing and say which", async () => {
  const check = async (change, name) => {
    const { options, storage } = device(change);
    const warnings = await warningsOf(() => {
      const counters = openCounters(options);
      counters.exposed("search");
      counters.purchased("search");
      counters.end();
      assert.deepEqual([counters.arm(), counters.about().status], [undefined, "invalid_options"]);
      assert.equal(counters.erase(), false);
    });
    assert.match(warnings.join(), name);
    assert.equal(storage.touched, 0);
  };
  await check({ experiment: "" }, /experiment/);
  await check({ placements: "search" }, /must be a list/);
  await check({ placements: ["a", "a"] }, /twice/);
  await check({ placements: ["a", 5] }, /names/);
  await check({ holdout: 1.5 }, /holdout/);
  await check({ epsilon: 0 }, /epsilon.*0\.01/);
  await check({ epsilon: 2, budget: 1 }, /budget/);
  await check({ caps: { clicks: 0 } }, /caps/);
  await check({ caps: { views: 3 } }, /caps.*alone/);
  await check({ storage: null }, /storage/);
  await check({ send: undefined }, /send/);
  const warnings = await warningsOf(() => assert.equal(openCounters(undefined).about().status, "invalid_options"));
  assert.equal(warnings.length, 1);
});

test("a placement that is not among the options is told to the console", async () => {
  const one = device();
  const counters = countersOf(one, "clicks", "search");
  const warnings = await warningsOf(() => counters.clicked("serach"));
  assert.match(warnings[0], /serach/);
  assert.equal(counters.about().count, 0);
});

/** The package's own mechanism, which no entry gives out. */
const { WHOLE, drawBelow, randomize, threshold } = await import(
  pathToFileURL(path.join(process.env.RESHELVE_PACKAGE ?? path.resolve("pkg-template"), "lib/randomize.js")).href
);

/** Runs something with these as what `crypto` draws, one after the other. */
function withDraws(draws, work) {
  const left = [...draws];
  return withGlobal("crypto", { getRandomValues: (list) => list.fill(left.shift()) }, () => {
    const result = work();
    assert.deepEqual(left, [], "every draw is used");
    return result;
  });
}

test("draws are uniform: the incomplete rest is drawn again", () => {
  assert.equal(
    withDraws([WHOLE - 1, 4], () => drawBelow(3)),
    1,
  );
  assert.equal(
    withDraws([WHOLE - 1], () => drawBelow(WHOLE)),
    WHOLE - 1,
  );
  assert.equal(
    withDraws([WHOLE - 1], () => drawBelow(4)),
    3,
  );
});

test("a bit is 1 for exactly as many draws as the threshold says", () => {
  const one = threshold(1, 4, 1);
  assert.deepEqual(
    [0, one - 1, one, WHOLE - 1].map((draw) => withDraws([draw], () => randomize(1, 4, 1))),
    [1, 1, 0, 0],
  );
});

test("no whole report is more than e^epsilon times as likely for one visit as for any other, by all of them", () => {
  // A visit is what it counts in every cell. Its report is one cell, each as likely as any other, and a bit.
  for (const [epsilon, caps] of [
    [0.01, [1, 2, 3]],
    [Math.log(3), [1, 1, 4]],
    [1, [2, 3, 4]],
    [16, [1, 3, 7]],
  ]) {
    const visits = caps.reduce(
      (visits, cap) => visits.flatMap((visit) => Array.from({ length: cap + 1 }, (_, count) => [...visit, count])),
      [[]],
    );
    // In whole numbers: of `caps.length * WHOLE` draws, how many give each report.
    const reports = visits.map((visit) =>
      visit.flatMap((count, cell) => [
        WHOLE - threshold(count, caps[cell], epsilon),
        threshold(count, caps[cell], epsilon),
      ]),
    );
    let loss = 0;
    for (const one of reports) {
      assert.equal(
        one.reduce((sum, draws) => sum + draws, 0),
        caps.length * WHOLE,
      );
      assert.ok(one.every(Number.isInteger));
      for (const other of reports)
        one.forEach((draws, report) => void (loss = Math.max(loss, Math.log(draws / other[report]))));
    }
    assert.ok(loss <= epsilon, `${loss} at ${epsilon}`);
    assert.ok(loss > epsilon * 0.99, `${loss} at ${epsilon}: precision is given away`);
  }
});

const BIN = process.env.RESHELVE_BIN;

test(
  "what devices send is what `reshelve estimate` takes it for",
  { skip: BIN ? false : "RESHELVE_BIN names no command" },
  () => {
    // Every shopper of an arm does the same, so that the true means are known; two of three are in the holdout.
    const lines = [];
    const act = (counters) => {
      const isHoldout = counters.arm() === "holdout";
      for (let n = 0; n < (isHoldout ? 2 : 5); n++) counters.exposed("search", { discovered: n === 1 ? [0] : [] });
      for (let n = 0; n < (isHoldout ? 1 : 9); n++) counters.clicked("home");
      if (!isHoldout) counters.purchased("home");
      counters.end();
    };
    const send = (report) => void lines.push(JSON.stringify(report));
    for (let n = 0; n < 6_000; n++) {
      act(openCounters(device({ send, holdout: 2 / 3, discovered: true, epsilon: 3, caps: { exposures: 6 } }).options));
    }
    // 6 deviations: chance alone fails one run of these 26 intervals in twenty million.
    const text = execFileSync(BIN, ["estimate", "-", "--json", "--confidence", "0.999999998"], {
      input: lines.join("\n"),
    });
    const estimate = JSON.parse(text);
    assert.deepEqual([estimate.visits, estimate.refused, estimate.outsiders], [6_000, [], null]);
    assert.ok(estimate.shares.p > 1e-8, `${estimate.shares.p}`);
    assert.equal(estimate.figures.length, 13);
    const truths = {
      "search exposures all": [2, 5],
      "search exposures discovered": [1, 1],
      "home clicks all": [1, 4],
      "home purchases all": [0, 1],
      "null purchases all": [0, 1],
    };
    for (const { placement, counted, discovered, holdout, personalized, difference } of estimate.figures) {
      const name = `${placement} ${counted} ${discovered ? "discovered" : "all"}`;
      const truth = truths[name] ?? [0, 0];
      const check = ([low, high], truth) =>
        assert.ok(low <= truth && truth <= high, `${name}: ${low} ${truth} ${high}`);
      check(holdout.interval, truth[0]);
      check(personalized.interval, truth[1]);
      check(difference.interval, truth[1] - truth[0]);
      assert.ok(Math.abs(holdout.reports - 4_000 / 13) < 105, `${name}: ${holdout.reports} drew it`);
      assert.ok(holdout.interval[1] - holdout.interval[0] < 3, name);
    }
  },
);
