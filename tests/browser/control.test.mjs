// The shopper's control: pause, export, import, code, reset, and deletions that leave what there would be had it never
// happened, through storage; and what is no interest at all.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { engine } from "../harness/browser.mjs";
import { shopTests } from "./shop-page.mjs";

test(`control, ${engine}`, { timeout: 120_000 }, (context) =>
  shopTests(context, {
    async "a pause records nothing of what is done, and outlives a reload as the events do"({ run, load }) {
      for (const tier of ["session", "persist"]) {
        await load(`?consent=${tier}`);
        const paused = await run(() => {
          page.view("item-001");
          page.shopper.pause();
          const id = page.view("item-002");
          return { id: id ?? null, status: page.shopper.status, order: page.order().outcome };
        });
        assert.deepEqual([paused.id, paused.status.isPaused, paused.status.idle], [null, true, "paused"]);
        assert.equal(paused.order, "personalized");
        await run(() => page.shopper.settled());
        await load(`?consent=${tier}`);
        const resumed = await run(async () => {
          const before = page.shopper.status.isPaused;
          page.view("item-003");
          page.shopper.resume();
          page.view("item-004");
          await page.shopper.settled();
          return { before, held: page.held() };
        });
        assert.deepEqual(resumed, { before: true, held: ["view item-001", "view item-004"] });
        await load(`?consent=${tier}`);
        assert.equal(await run(() => page.shopper.status.isPaused), false);
        await run(() => page.shopper.consent("none"));
      }
    },

    async "a pause outlives what another tab clears"({ run }) {
      const seen = await run(async () => {
        await page.open({ consent: "none" });
        const other = await page.another("?consent=none");
        page.view("item-001");
        page.shopper.pause();
        other.shopper.session.clear();
        await page.until(() => page.held().length === 0, "this tab has forgotten");
        const id = page.view("item-002");
        return { id: id ?? null, isPaused: page.shopper.status.isPaused };
      });
      assert.deepEqual(seen, { id: null, isPaused: true });
    },

    async "closed: the session lives on in memory, and storage is left alone"({ run, load }) {
      for (const tier of ["session", "persist"]) {
        await load(`?consent=${tier}`);
        const seen = await run(async () => {
          const { shopper } = page;
          page.view("item-001");
          await shopper.close();
          page.view("item-002");
          await shopper.settled();
          return { held: page.held(), place: shopper.status.place };
        });
        assert.deepEqual(seen, { held: ["view item-001", "view item-002"], place: "memory" });
        await load(`?consent=${tier}`);
        assert.deepEqual(await run(() => page.held()), ["view item-001"]);
        await run(() => page.shopper.consent("none"));
      }
    },

    async "what the shopper says outright counts in a pause"({ run }) {
      const held = await run(async () => {
        const { session } = await page.open({ consent: "none" });
        page.shopper.pause();
        session.record({ type: "answer", query: "season/winter" });
        page.shopper.notInterested("item-001");
        page.shopper.lessLikeThis("item-002");
        return page.held();
      });
      assert.deepEqual(held, ["answer season/winter", "not_interested item-001", "less_like_this item-002"]);
    },

    async "not interested and less like this move the order, are stored, and can be taken back"({ run, load }) {
      const seen = await run(async () => {
        const { session } = await page.open({ consent: "persist" });
        page.view("item-003");
        const before = page.order().ids;
        const id = page.shopper.notInterested(before[0]);
        const after = page.order().ids;
        session.forget(id);
        const back = page.order().ids;
        const less = page.shopper.lessLikeThis(before[1]);
        const sunk = page.order().ids;
        await page.shopper.settled();
        return { before, after, back, sunk, isKept: less !== undefined };
      });
      assert.equal(seen.after.at(-1), seen.before[0], "it comes last");
      assert.deepEqual(seen.back, seen.before);
      assert.ok(seen.isKept && seen.sunk.indexOf(seen.before[1]) > 1, "it sinks");
      await load("?consent=persist");
      assert.deepEqual((await run(() => page.order())).ids, seen.sunk);
    },

    async "a document takes everything to another device, and adds nothing twice"({ run, load }) {
      const document = await run(async () => {
        const { session } = await page.open({ consent: "persist" });
        page.view("item-003");
        session.record({ type: "add_to_cart", itemId: "item-004", quantity: 2, gift: true });
        session.record({ type: "answer", query: "season/winter" });
        await page.shopper.settled();
        return { text: JSON.stringify(page.shopper.export()), order: page.order().ids };
      });
      const { format, v, exportedAt, events } = JSON.parse(document.text);
      assert.deepEqual([format, v, new Date(exportedAt).toISOString()], ["reshelve-shopper", 1, exportedAt]);
      assert.equal(events.length, 3);
      const seen = await run(async (text) => {
        await page.open({ consent: "persist", name: "elsewhere" });
        const first = page.shopper.import(text);
        const again = page.shopper.import(JSON.parse(text));
        const { events } = page.shopper.export();
        await page.shopper.settled();
        return { first, again, events, order: page.order().ids };
      }, document.text);
      assert.deepEqual(seen.first, { outcome: "whole", added: 3 });
      assert.deepEqual(seen.again, { outcome: "whole", added: 0 });
      assert.deepEqual(seen.events, events);
      assert.deepEqual(seen.order, document.order);
      await load();
      assert.equal(
        await run(async () => (await page.open({ consent: "persist", name: "elsewhere" }), page.held().length)),
        3,
      );
    },

    async "a code takes along what counts most, in what a QR code holds"({ run }) {
      const seen = await run(async () => {
        await page.open({ consent: "none" });
        for (let n = 0; n < 12; n += 1) page.view(`item-0${10 + n}`);
        const code = page.shopper.code();
        const { shopper } = { shopper: await page.open({ consent: "none" }) };
        const result = shopper.import(` ${code}\n`);
        const again = shopper.import(code);
        const cut = shopper.import(code.slice(0, -4));
        return { code, result, again, cut, held: page.held().length, outcome: page.order().outcome };
      });
      assert.match(seen.code, /^[\w-]{20,120}$/);
      assert.deepEqual(seen.result, { outcome: "whole", added: 8 });
      assert.deepEqual(seen.again, { outcome: "whole", added: 0 });
      assert.deepEqual(seen.cut, { outcome: "refused", reason: "damaged", added: 0 });
      assert.deepEqual([seen.held, seen.outcome], [8, "personalized"]);
    },

    async "reset: as if the shopper had never been here, but for what they agreed to"({ run, load }) {
      const seen = await run(async () => {
        await page.open({ consent: "persist" });
        const other = await page.another("?consent=persist");
        page.view("item-001");
        page.shopper.pause();
        await page.shopper.settled();
        await page.until(() => other.held().length === 1, "the other tab knows");
        const status = await page.shopper.reset();
        await page.until(() => other.held().length === 0, "the other tab has forgotten");
        return { status, held: page.held(), order: page.order(), records: await page.inDatabase() };
      });
      assert.deepEqual([seen.status.tier, seen.status.isPaused], ["persist", false]);
      assert.deepEqual([seen.held, seen.order.isOwn, seen.records], [[], true, []]);
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held()), []);
    },

    async "random histories with deletions are those that never had what was deleted, through storage"({ run, load }) {
      for (const tier of ["session", "persist"]) {
        for (let seed = 1; seed <= 6; seed += 1) {
          // What is left is decided first: so the other shopper can live without the rest.
          const history = historyOf(seed);
          const left = history.filter(({ isDeleted }) => !isDeleted).map(({ event }) => event);
          await load(`?consent=${tier}`);
          const half = Math.floor(history.length / 2);
          await run(
            async (part) => {
              const { session } = page.shopper;
              for (const { event } of part) session.record(event);
              await page.shopper.settled();
            },
            history.slice(0, half),
          );
          await load(`?consent=${tier}`);
          await run(
            async (part) => {
              const { session } = page.shopper;
              const forget = ({ event: { timestamp } }) => {
                const id = session.events().find((one) => one.timestamp === timestamp)?.id;
                if (id !== undefined) session.forget(id);
              };
              for (const [index, { event }] of part.rest.entries()) {
                session.record(event);
                if (index % 4 === 0 && part.early.length) forget(part.early.shift());
              }
              [...part.early, ...part.rest.filter(({ isDeleted }) => isDeleted)].forEach(forget);
              await page.shopper.settled();
            },
            { early: history.slice(0, half).filter(({ isDeleted }) => isDeleted), rest: history.slice(half) },
          );
          await load(`?consent=${tier}`);
          const [one, other] = await run(async (left) => {
            const facts = () => [
              page.shopper.session.state(),
              page.shopper.code(),
              page.order(),
              page.shopper.session.about(),
            ];
            const one = facts();
            await page.shopper.consent("none");
            await page.open({ consent: "none", name: "never" });
            for (const event of left) page.shopper.session.record(event);
            return [one, facts()];
          }, left);
          assert.deepEqual(one, other, `${tier}, seed ${seed}`);
        }
      }
    },

    async "what the store marks as sensitive later on leaves storage, and comes back by no import"({ run, load }) {
      await load("?consent=persist");
      const { text, code } = await run(async () => {
        for (let n = 0; n < 60; n += 1)
          page.view(`item-0${String(n).padStart(2, "0")}`, { timestamp: Date.now() - n * 60_000 });
        await page.shopper.settled();
        return { text: JSON.stringify(page.shopper.export()), code: page.shopper.code() };
      });
      await load("?consent=persist&model=ruled");
      const seen = await run(
        async ({ text, code }) => {
          await page.shopper.settled();
          const { events } = JSON.parse(text);
          const fresh = page.model.session();
          const isSensitive = ({ itemId }) => fresh.record({ type: "wishlist", itemId }) === undefined;
          const sensitive = events.filter(isSensitive).map(({ itemId }) => itemId);
          const everything = async () => JSON.stringify([page.held(), await page.inDatabase(), page.shopper.code()]);
          const loaded = await everything();
          const imported = page.shopper.import(text);
          const byCode = page.shopper.import(code);
          await page.shopper.settled();
          return { sensitive, loaded, imported, byCode, after: await everything(), held: page.held().length };
        },
        { text, code },
      );
      const { sensitive, imported } = seen;
      assert.ok(sensitive.length > 5 && sensitive.length < 55, `${sensitive.length} are sensitive`);
      assert.equal(seen.held, 60 - sensitive.length);
      for (const itemId of sensitive)
        assert.ok(!seen.loaded.includes(itemId) && !seen.after.includes(itemId), `${itemId} is nowhere`);
      assert.deepEqual(imported, { outcome: "partial", reason: "sensitive", added: 0 });
      assert.equal(seen.byCode.added, 0);
    },

    async "a browser that a program drives has no interests"({ run }) {
      const seen = await run(async () => {
        const shopper = await page.open({ consent: "persist", countAutomated: false });
        const id = page.view("item-001");
        const said = shopper.notInterested("item-002");
        await shopper.settled();
        const { isRecording, idle } = shopper.status;
        return {
          webdriver: navigator.webdriver,
          ids: [id ?? null, said ?? null],
          isRecording,
          idle,
          held: page.held(),
        };
      });
      assert.deepEqual(seen, { webdriver: true, ids: [null, null], isRecording: false, idle: "automated", held: [] });
    },

    async "a page that is loaded anew is not looked at again"({ run, load, arrive, requests }) {
      const HOUR_MS = 60 * 60 * 1000;
      const query = (itemId, ago) => `?consent=persist&view=${itemId}&ago=${ago}`;
      await load(query("item-001", 3 * HOUR_MS));
      await load(query("item-002", 2 * HOUR_MS));
      assert.deepEqual(await run(() => page.held()), ["view item-001", "view item-002"]);
      const reload = async (next) => {
        const views = requests.filter((path) => path === "/index.html?viewed").length;
        await run(async (next) => {
          await page.shopper.settled();
          page.isReady = false;
          history.replaceState(null, "", next);
          setTimeout(() => location.reload());
        }, next);
        while (requests.filter((path) => path === "/index.html?viewed").length <= views) await sleep(20);
        await arrive(next);
        assert.equal(await run(() => performance.getEntriesByType("navigation")[0].type), "reload");
      };
      await reload(query("item-002", HOUR_MS));
      assert.deepEqual(await run(() => page.held()), ["view item-001", "view item-002"]);
      await reload(query("item-001", 0));
      assert.deepEqual(await run(() => page.held()), ["view item-001", "view item-002", "view item-001"]);
    },

    async "the same event twice is one"({ run }) {
      const held = await run(async () => {
        await page.open({ consent: "persist" });
        for (let n = 0; n < 3; n += 1) page.view("item-001");
        await page.shopper.settled();
        return [page.held(), (await page.inDatabase()).length];
      });
      assert.deepEqual(held, [["view item-001"], 1]);
    },

    async "what a prerendered page records counts once somebody sees it"({ run }) {
      const seen = await run(async () => {
        Object.defineProperty(document, "prerendering", { value: true, configurable: true });
        const shopper = await page.open({ consent: "none" });
        const early = [page.view("item-001") ?? null, page.held(), shopper.status.idle];
        shopper.session.record({ type: "buy", itemId: "item-002" });
        Object.defineProperty(document, "prerendering", { value: false });
        document.dispatchEvent(new Event("prerenderingchange"));
        return { early, held: page.held(), codes: shopper.status.problems.map(({ code }) => code) };
      });
      assert.deepEqual(seen.early, [null, [], "prerendering"]);
      assert.deepEqual([seen.held, seen.codes], [["view item-001"], ["event_refused"]]);
    },

    async "what changes is told: here, in another tab, and by consent"({ run }) {
      const told = await run(async () => {
        await page.open({ consent: "persist" });
        const other = await page.another("?consent=persist");
        let told = 0;
        page.shopper.addEventListener("change", () => (told += 1));
        const after = async (work) => {
          const before = told;
          work();
          await page.until(() => told > before, "it is told");
        };
        await after(() => page.view("item-001"));
        await page.shopper.settled();
        await after(() => other.view("item-002"));
        await page.until(() => page.held().length === 2);
        await after(() => other.shopper.consent("none"));
        await page.until(() => page.shopper.status.tier === "none");
        return page.held();
      });
      assert.deepEqual(told, []);
    },
  }),
);

/** A random history, each event in a second of its own, and whether it will be deleted. */
function historyOf(seed) {
  let state = seed * 2654435761;
  const random = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  };
  const types = [
    "view",
    "click",
    "add_to_cart",
    "purchase",
    "wishlist",
    "impression",
    "not_interested",
    "less_like_this",
  ];
  const start = Date.now() - 10 * 60 * 60 * 1000;
  return Array.from({ length: 20 + Math.floor(random() * 30) }, (_, n) => {
    const itemId = `item-0${String(Math.floor(random() * 30)).padStart(2, "0")}`;
    const type = types[Math.floor(random() * types.length)];
    const event = { type, itemId, timestamp: start + n * 45_000, gift: random() < 0.1 };
    return { event, isDeleted: random() < 0.4 };
  });
}
