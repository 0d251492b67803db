// Consent: what each tier keeps and where, consent that comes late, and consent that is withdrawn, in real storage.

import assert from "node:assert/strict";
import test from "node:test";
import { engine } from "../harness/browser.mjs";
import { shopTests } from "./shop-page.mjs";

const EMPTY = { databases: [], tab: [], local: [], caches: [], cookie: "" };

/** Three events, and what became of them. */
const shopUnder = (run, tier) =>
  run(async (tier) => {
    const { shopper } = { shopper: await page.open({ consent: tier }) };
    for (const id of ["item-003", "item-007", "item-012"]) page.view(id);
    await shopper.settled();
    return { held: page.held(), order: page.order(), device: await page.device(), status: shopper.status };
  }, tier);

const VIEWS = ["view item-003", "view item-007", "view item-012"];

test(`consent, ${engine}`, { timeout: 240_000 }, (context) =>
  shopTests(context, {
    async "tier none: it personalizes, and nothing is stored anywhere"({ run, load }) {
      const { held, order, device, status } = await shopUnder(run, "none");
      assert.deepEqual(held, VIEWS);
      assert.equal(order.outcome, "personalized");
      assert.equal(order.isOwn, false);
      assert.deepEqual(device, EMPTY);
      assert.deepEqual([status.tier, status.place, status.problems], ["none", "memory", []]);
      await load("?consent=none");
      assert.deepEqual(await run(() => page.held()), []);
    },

    async "tier session: it personalizes, in the tab's storage alone, and outlives a reload"({ run, load }) {
      const { order, device, status } = await shopUnder(run, "session");
      assert.equal(order.outcome, "personalized");
      assert.deepEqual(device, { ...EMPTY, tab: ["reshelve.v1"] });
      assert.equal(status.place, "tab");
      await load("?consent=session");
      assert.deepEqual(await run(() => page.held()), VIEWS);
      assert.deepEqual((await run(() => page.order())).ids, order.ids);
    },

    async "tier persist: it personalizes, in a database, and outlives a reload"({ run, load }) {
      const { order, device, status } = await shopUnder(run, "persist");
      assert.equal(order.outcome, "personalized");
      assert.deepEqual(device, { ...EMPTY, databases: ["reshelve"] });
      assert.equal(status.place, "database");
      assert.equal((await run(() => page.inDatabase())).length, 3, "one record an event");
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held()), VIEWS);
      assert.deepEqual((await run(() => page.order())).ids, order.ids);
    },

    async "consent that comes late takes the visit along, and brings back what was stored before"({ run, load }) {
      await shopUnder(run, "persist");
      await load();
      const seen = await run(async () => {
        const shopper = await page.open();
        page.view("item-020");
        const before = { held: page.held(), decided: shopper.status.isDecided, device: await page.device() };
        await shopper.consent("persist");
        return { before, after: page.held(), stored: (await page.inDatabase()).length };
      });
      assert.deepEqual(seen.before.held, ["view item-020"]);
      assert.equal(seen.before.decided, false);
      assert.deepEqual(seen.before.device, { ...EMPTY, databases: ["reshelve"] }, "what is not decided erases nothing");
      assert.deepEqual(seen.after, [...VIEWS, "view item-020"]);
      assert.equal(seen.stored, 4);
    },

    async "tier by tier upwards nothing of the visit is lost"({ run, load }) {
      await run(async () => {
        const shopper = await page.open();
        page.view("item-003");
        await shopper.consent("none");
        page.view("item-007");
        await shopper.consent("session");
        page.view("item-012");
      });
      await load("?consent=session");
      assert.deepEqual(await run(() => page.held()), VIEWS);
      const device = await run(async () => {
        await page.shopper.consent("persist");
        return page.device();
      });
      assert.deepEqual(device, { ...EMPTY, databases: ["reshelve"] });
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held()), VIEWS);
    },

    async "consent withdrawn erases at once: memory before the call returns, storage before its promise does"({ run }) {
      for (const tier of ["none", "off"]) {
        const seen = await run(async (tier) => {
          const shopper = await page.open({ consent: "persist" });
          page.view("item-003");
          await shopper.settled();
          page.view("item-007");
          const before = page.order();
          const erased = shopper.consent(tier);
          const at = {
            held: page.held(),
            order: page.order(),
            token: page.shopper.code(),
            tab: Object.keys(sessionStorage),
          };
          const status = await erased;
          const stored = await shopper.stored();
          await shopper.close();
          return { before, at, status, stored, device: await page.device() };
        }, tier);
        assert.equal(seen.before.outcome, "personalized");
        assert.deepEqual(seen.at.held, []);
        assert.deepEqual(
          [seen.at.order.isOwn, seen.at.order.outcome, seen.at.order.reason],
          [true, "unchanged", "empty_session"],
        );
        assert.deepEqual(seen.at.tab, []);
        assert.deepEqual([seen.status.tier, seen.status.problems, seen.stored], [tier, [], []]);
        assert.deepEqual(seen.device, EMPTY);
      }
    },

    async "after a withdrawal the visit may begin anew"({ run }) {
      const seen = await run(async () => {
        const shopper = await page.open({ consent: "persist" });
        page.view("item-003");
        await shopper.consent("none");
        page.view("item-007");
        await shopper.consent("persist");
        return { held: page.held(), stored: (await page.inDatabase()).map(({ event }) => event.itemId) };
      });
      assert.deepEqual(seen, { held: ["view item-007"], stored: ["item-007"] });
    },

    async "consent withdrawn and given anew at once: what was stored does not come back, and consent holds"({
      run,
      load,
    }) {
      await shopUnder(run, "persist");
      await load();
      const seen = await run(async () => {
        let set;
        const consent = (setter) => ((set = setter), "persist");
        const shopper = await page.open({ consent, patienceMs: 0 });
        page.view("item-020");
        await null;
        set("none");
        set("persist");
        await shopper.settled();
        const held = page.held();
        page.view("item-021");
        await null;
        // A write is on its way when the shopper's mind changes.
        await shopper.consent("session");
        page.view("item-022");
        await null;
        set("persist");
        set("session");
        await shopper.consent("persist");
        page.view("item-023");
        await shopper.settled();
        const stored = (await page.inDatabase()).map(({ event }) => event.itemId).sort();
        return { held, stored, tier: shopper.status.tier, problems: shopper.status.problems };
      });
      assert.deepEqual(seen, {
        held: [],
        stored: ["item-021", "item-022", "item-023"],
        tier: "persist",
        problems: [],
      });
    },

    async "what a page has decided itself holds when it opens a shopper anew"({ run }) {
      const seen = await run(async () => {
        const other = await page.another("?consent=persist");
        const first = await page.open({ consent: "persist" });
        await other.shopper.consent("none");
        await page.until(() => first.status.tier === "none", "it has heard");
        const stale = await page.open({ consent: "persist" });
        await page.until(() => stale.status.tier === "none", "what was known before the withdrawal does not hold");
        await new Promise((resolve) => setTimeout(resolve, 5));
        await stale.consent("persist");
        page.view("item-003");
        await Promise.all([first.close(), stale.close()]);
        const known = await page.open({ consent: () => "persist" });
        // The other's answer, if there is one, comes before that to a question asked later.
        const answer = new BroadcastChannel("reshelve");
        await new Promise((resolve) => {
          answer.onmessage = ({ data }) => data.say === "withdrawn" && resolve();
          answer.postMessage({ say: "hello", at: 0 });
        });
        answer.close();
        await known.settled();
        return { tier: known.status.tier, held: page.held(), stored: (await page.inDatabase()).length };
      });
      assert.deepEqual(seen, { tier: "persist", held: ["view item-003"], stored: 1 });
    },

    async "from the device back to the tab: the database goes, what this page recorded stays"({ run, load }) {
      await shopUnder(run, "persist");
      await load("?consent=persist");
      const seen = await run(async () => {
        page.view("item-020");
        await page.shopper.settled();
        page.view("item-021");
        await page.shopper.consent("session");
        return { held: page.held(), device: await page.device() };
      });
      assert.deepEqual(seen.device, { ...EMPTY, tab: ["reshelve.v1"] });
      assert.deepEqual(seen.held, ["view item-020", "view item-021"], "what earlier visits left is gone");
      await load("?consent=session");
      assert.deepEqual(await run(() => page.held()), seen.held);
    },

    async "a page that opens with less than was kept erases the rest"({ run, load }) {
      await shopUnder(run, "persist");
      await load("?consent=none");
      assert.deepEqual(await run(() => page.device()), EMPTY);
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held()), []);
    },

    async "off: nothing is recorded, and the order is the store's own"({ run }) {
      const { held, order, device, status } = await shopUnder(run, "off");
      assert.deepEqual(held, []);
      assert.deepEqual([order.isOwn, order.reason], [true, "empty_session"]);
      assert.deepEqual(device, EMPTY);
      assert.deepEqual([status.isRecording, status.idle, status.place], [false, "off", "nowhere"]);
    },

    async "off comes before anything that was recorded, imported or waiting"({ run }) {
      const seen = await run(async () => {
        const shopper = await page.open({ consent: "none" });
        page.view("item-003");
        const document = shopper.export();
        shopper.consent("off");
        const recorded = page.view("item-007");
        const imported = shopper.import(document);
        await shopper.settled();
        return { recorded: recorded ?? null, imported, held: page.held(), device: await page.device() };
      });
      assert.deepEqual(seen, {
        recorded: null,
        imported: { outcome: "refused", reason: "off", added: 0 },
        held: [],
        device: EMPTY,
      });
    },

    async "a write that races with a withdrawal is not made"({ run }) {
      const seen = await run(async () => {
        const left = [];
        // The withdrawal comes at every point of the way that an event takes into storage.
        for (let turns = 0; turns < 12; turns += 1) {
          const shopper = await page.open({ consent: "persist" });
          page.view("item-003");
          for (let turn = 0; turn < turns; turn += 1)
            await (turn % 2 ? new Promise((resolve) => setTimeout(resolve)) : null);
          await shopper.consent("none");
          await shopper.close();
          left.push(await page.device());
        }
        return left;
      });
      assert.deepEqual(seen, Array(12).fill(EMPTY));
    },

    async "a banner drives it by a callback"({ run }) {
      const seen = await run(async () => {
        let set;
        const asked = await page.open({ consent: (setter) => void (set = setter) });
        const before = asked.status;
        page.view("item-003");
        set("session");
        const after = asked.status.tier;
        await asked.close();
        set("persist");
        const closed = asked.status.tier;
        const known = await page.open({ consent: () => "session" });
        const later = await page.open({ consent: async () => "none" });
        await page.until(() => later.status.isDecided);
        const broken = await page.open({
          consent: () => {
            throw new Error("no banner");
          },
        });
        return { before, after, closed, known: known.status.tier, later: later.status, broken: broken.status };
      });
      assert.deepEqual(
        [seen.before.tier, seen.before.isDecided, seen.after, seen.closed],
        ["none", false, "session", "session"],
      );
      assert.equal(seen.known, "session");
      assert.deepEqual([seen.later.tier, seen.later.isDecided], ["none", true]);
      assert.deepEqual([seen.broken.tier, seen.broken.isDecided], ["none", false]);
      assert.deepEqual(
        seen.broken.problems.map(({ code, message }) => [code, message]),
        [["consent_failed", "no banner"]],
      );
    },

    async "a banner drives it by an event on the document"({ run }) {
      const seen = await run(async () => {
        const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
        const shopper = await page.open();
        const tiers = [];
        for (const detail of ["session", { tier: "persist" }, "everything", undefined, "none"]) {
          say("reshelve:consent", detail);
          tiers.push(shopper.status.tier);
        }
        const problems = shopper.status.problems.map(({ code }) => code);
        const own = await page.open({ consentEvent: "banner:said", name: "own" });
        say("reshelve:consent", "session");
        const unheard = own.status.tier;
        say("banner:said", "session");
        const deaf = await page.open({ consentEvent: null, name: "deaf" });
        say("reshelve:consent", "session");
        return { tiers, problems, unheard, heard: own.status.tier, deaf: deaf.status.tier };
      });
      assert.deepEqual(seen.tiers, ["session", "persist", "persist", "persist", "none"]);
      assert.deepEqual(seen.problems, ["consent_unknown"]);
      assert.deepEqual([seen.unheard, seen.heard, seen.deaf], ["none", "session", "none"]);
    },

    async "withdrawn where the session was disposed of, what is stored goes all the same"({ run, load }) {
      for (const [tier, disposed] of [
        ["session", "session"],
        ["persist", "model"],
      ]) {
        await shopUnder(run, tier);
        const seen = await run(async (disposed) => {
          const { shopper } = page;
          (disposed === "model" ? page.model : shopper.session).dispose();
          const withdrawn = await shopper.consent("off");
          const imported = shopper.import({ format: "reshelve-shopper", v: 1, events: [] });
          const problems = withdrawn.problems.map(({ code }) => code);
          return { tier: withdrawn.tier, problems, imported, device: await page.device() };
        }, disposed);
        const imported = { outcome: "refused", reason: "off", added: 0 };
        assert.deepEqual(seen, { tier: "off", problems: ["session_failed"], imported, device: EMPTY }, tier);
        await load();
      }
      const imported = await run(async () => {
        const shopper = await page.open();
        page.model.dispose();
        return shopper.import({ format: "reshelve-shopper", v: 1, events: [] });
      });
      assert.deepEqual(imported, { outcome: "refused", reason: "disposed", added: 0 });
    },

    async "Global Privacy Control comes before consent, and before anything is stored"({ run, load }) {
      await shopUnder(run, "persist");
      await load();
      const seen = await run(async () => {
        Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { value: true, configurable: true });
        const shopper = await page.open({ consent: "persist" });
        page.view("item-003");
        await shopper.settled();
        const { tier, limitedBy } = shopper.status;
        const given = await shopper.consent("persist");
        const order = page.order();
        const device = await page.device();
        const strict = await page.open({ consent: "persist", underPrivacyControl: "off", name: "strict" });
        const lax = await page.open({ consent: "persist", underPrivacyControl: "persist", name: "lax" });
        return { tier, limitedBy, given: given.tier, order, device, strict: strict.status, lax: lax.status };
      });
      assert.deepEqual([seen.tier, seen.limitedBy, seen.given], ["none", "global_privacy_control", "none"]);
      assert.deepEqual(seen.device, EMPTY, "and what was stored before is erased");
      assert.equal(seen.order.outcome, "personalized");
      assert.deepEqual([seen.strict.tier, seen.strict.idle], ["off", "off"]);
      assert.deepEqual([seen.lax.tier, seen.lax.limitedBy], ["persist", undefined]);
    },
  }),
);
