// What is kept and for how long, and what goes wrong with storage: retention, several tabs, broken, foreign, full and
// forbidden storage. The page works every time, and loses nothing that consent allowed to keep.

import assert from "node:assert/strict";
import test from "node:test";
import { engine } from "../harness/browser.mjs";
import { shopTests } from "./shop-page.mjs";

const EMPTY = { databases: [], tab: [], local: [], caches: [], cookie: "" };
const codes = ({ problems }) => problems.map(({ code, place }) => [code, place]);

test(`keeping, ${engine}`, { timeout: 120_000 }, (context) =>
  shopTests(context, {
    async "an event that leaves the page is stored before the page is gone"({ run, load, arrive }) {
      for (const tier of ["session", "persist"]) {
        const next = `?consent=${tier}&next`;
        await load(`?consent=${tier}`);
        await run((next) => {
          page.view("item-003");
          queueMicrotask(() => location.assign(next));
        }, next);
        await arrive(next);
        assert.deepEqual(await run(() => page.held()), ["view item-003"], tier);
        const last = `?consent=${tier}&last`;
        await run((last) => {
          page.shopper.session.forget(page.shopper.session.events()[0].id);
          queueMicrotask(() => location.assign(last));
        }, last);
        await arrive(last);
        assert.deepEqual(await run(() => page.held()), [], `${tier}: what was deleted stays deleted`);
        await run(() => page.shopper.consent("none"));
      }
    },

    async "each kind of event is kept as long as the store says, on write and on load"({ run, load }) {
      const written = await run(async () => {
        const shopper = await page.open({ consent: "persist", retentionDays: { view: 10, purchase: 100 } });
        const ago = (days) => Date.now() - days * 24 * 60 * 60 * 1000;
        page.view("item-001", { timestamp: ago(9) });
        page.view("item-002", { timestamp: ago(11) });
        for (const [itemId, days] of [
          ["item-003", 99],
          ["item-004", 101],
        ])
          shopper.session.record({ type: "purchase", itemId, timestamp: ago(days) });
        shopper.session.record({ type: "search", query: "socks", timestamp: ago(29) });
        shopper.session.record({ type: "search", query: "hats", timestamp: ago(31) });
        await shopper.settled();
        return [page.held(), (await page.inDatabase()).map(({ event }) => event.itemId ?? event.query)];
      });
      assert.deepEqual(written[0], ["purchase item-003", "search socks", "view item-001"]);
      assert.deepEqual(written[1].sort(), ["item-001", "item-003", "socks"]);
      await load();
      const loaded = await run(async () => {
        const shopper = await page.open({ consent: "persist", retentionDays: { view: 5, purchase: 100, search: 40 } });
        await shopper.settled();
        return [page.held(), (await page.inDatabase()).map(({ event }) => event.itemId ?? event.query)];
      });
      assert.deepEqual(loaded[0], ["purchase item-003", "search socks"]);
      assert.deepEqual(loaded[1].sort(), ["item-003", "socks"], "and is deleted, not only hidden");
      await load();
      const tab = await run(async () => {
        const shopper = await page.open({ consent: "session", name: "tab", retentionDays: { view: 10 } });
        page.view("item-001", { timestamp: Date.now() - 11 * 24 * 60 * 60 * 1000 });
        page.view("item-002");
        await shopper.settled();
        return sessionStorage["tab.v1"];
      });
      assert.ok(tab.includes("item-002") && !tab.includes("item-001"));
    },

    async "what was written under a clock ahead is not kept longer"({ run }) {
      const until = await run(async () => {
        const shopper = await page.open({ consent: "persist" });
        page.view("item-001", { timestamp: Date.now() + 3 * 24 * 60 * 60 * 1000 });
        await shopper.settled();
        return (await page.inDatabase())[0].until - Date.now();
      });
      assert.ok(until <= 30 * 24 * 60 * 60 * 1000);
    },

    async "the log is bounded, in memory and in storage"({ run, load }) {
      const count = await run(async () => {
        const shopper = await page.open({ consent: "persist" });
        for (let n = 0; n < 300; n += 1) shopper.session.record({ type: "search", query: `socks ${n}` });
        await shopper.settled();
        return [page.held().length, (await page.inDatabase()).length];
      });
      assert.deepEqual(count, [256, 256]);
      await load("?consent=persist");
      const held = await run(() => page.held());
      assert.deepEqual([held.length, held[0], held.at(-1)], [256, "search socks 44", "search socks 299"]);
    },

    async "two tabs at once lose nothing of each other"({ run, load }) {
      const held = await run(async () => {
        await page.open({ consent: "persist" });
        const other = await page.another("?consent=persist");
        for (let n = 0; n < 10; n += 1) {
          page.view(`item-00${n}`);
          other.view(`item-01${n}`);
          if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await Promise.all([page.shopper.settled(), other.shopper.settled()]);
        await page.until(() => page.held().length === 20 && other.held().length === 20, "both know of all events");
        return [page.held(), other.held()].map((list) => list.sort());
      });
      const all = Array.from({ length: 20 }, (_, n) => `view item-0${String(n).padStart(2, "0")}`);
      assert.deepEqual(held, [all, all]);
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held().sort()), all);
    },

    async "what one tab forgets, the other forgets"({ run }) {
      const seen = await run(async () => {
        const { session } = await page.open({ consent: "persist" });
        for (const id of ["item-001", "item-002", "item-003"]) page.view(id);
        await page.shopper.settled();
        const other = await page.another("?consent=persist");
        const before = other.held();
        session.forget(session.events()[1].id);
        await page.until(() => other.held().length === 2, "it hears of the deletion");
        const after = other.held();
        session.clear();
        await page.until(() => other.held().length === 0, "it hears of the deletion of all");
        other.view("item-020");
        await page.until(() => page.held().length === 1, "and they go on");
        return { before: before.length, after, last: page.held() };
      });
      assert.deepEqual(seen, { before: 3, after: ["view item-001", "view item-003"], last: ["view item-020"] });
    },

    async "withdrawn in one tab, erased in all, whoever is writing"({ run }) {
      const seen = await run(async () => {
        await page.open({ consent: "persist" });
        const others = [await page.another("?consent=persist"), await page.another()];
        // One that has not heard of consent yet.
        await others[1].open();
        others[1].view("item-029");
        let isOver = false;
        const writing = (async () => {
          for (let n = 0; !isOver; n += 1) {
            others[0].view(`item-0${String(n % 30).padStart(2, "0")}`, { timestamp: Date.now() - n * 60_000 });
            await new Promise((resolve) => setTimeout(resolve));
          }
        })();
        await page.until(() => page.held().length > 5, "the other writes");
        const early = page.another("?consent=persist");
        await page.shopper.consent("none");
        const late = await early;
        await page.until(() => others.every((other) => other.shopper.status.isDecided), "all have heard");
        await page.until(() => others[1].held().length === 0, "and have forgotten");
        await page.until(() => late.shopper.status.tier === "none", "the one that was just opened, too");
        isOver = true;
        await writing;
        for (const one of [page, late, ...others]) {
          one.shopper.session.clear();
          await one.shopper.settled();
        }
        return { device: await page.device(), tiers: others.map((other) => other.shopper.status.tier) };
      });
      assert.deepEqual(seen, { device: EMPTY, tiers: ["none", "none"] });
    },

    async "consent given anew while another tab hears that it was withdrawn holds"({ run }) {
      // WebKit has to delete what was not made, and could hit what is made at that moment: later, there.
      const first = engine === "webkit" ? 100 : 0;
      const seen = await run(async (first) => {
        const other = await page.another();
        const all = [];
        for (let wait = first; wait < first + 8; wait += 1) {
          const options = { consent: "persist", name: `wait ${wait}` };
          const shopper = await page.open(options);
          await other.open(options);
          page.view("item-001");
          await Promise.all([shopper.settled(), other.shopper.settled()]);
          shopper.consent("none");
          if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
          shopper.consent("persist");
          page.view("item-002");
          await page.until(() => other.shopper.status.tier === "none", "the other has heard");
          await Promise.all([shopper.settled(), other.shopper.settled()]);
          page.view("item-003");
          await shopper.settled();
          const [{ events }] = await shopper.stored();
          all.push([shopper.status.tier, page.held().length, events, other.held().length]);
          await Promise.all([shopper.close(), other.shopper.close()]);
        }
        return all;
      }, first);
      assert.deepEqual(seen, Array(8).fill(["persist", 2, 2, 0]));
    },

    async "a tab that was asleep forgets what was withdrawn, and leaves what was kept since"({ run, load }) {
      for (const isShownFirst of [false, true]) {
        await load();
        const seen = await run(async (isShownFirst) => {
          const { BroadcastChannel } = globalThis;
          let wake;
          const isAwake = new Promise((resolve) => (wake = resolve));
          globalThis.BroadcastChannel = class extends BroadcastChannel {
            set onmessage(heard) {
              super.onmessage = (event) => isAwake.then(() => heard(event));
            }
          };
          const asleep = await page.open({ consent: "persist" });
          page.view("item-001");
          await asleep.settled();
          const other = await page.another("?consent=persist");
          await other.shopper.consent("none");
          await other.shopper.consent("persist");
          other.view("item-002");
          await other.shopper.settled();
          // Then it reads what is kept since before it hears of the withdrawal.
          if (isShownFirst) document.dispatchEvent(new Event("visibilitychange"));
          await asleep.settled();
          const read = page.held();
          wake();
          await page.until(() => asleep.status.tier === "none", "it has heard");
          await asleep.settled();
          other.view("item-003");
          await other.shopper.settled();
          const { tier } = other.shopper.status;
          const stored = (await page.inDatabase()).length;
          const held = [page.held(), other.held()];
          await other.shopper.consent("none");
          return { read, held, tier, stored };
        }, isShownFirst);
        assert.deepEqual(seen, {
          read: [isShownFirst ? "view item-002" : "view item-001"],
          held: [[], ["view item-002", "view item-003"]],
          tier: "persist",
          stored: 2,
        });
      }
    },

    async "what another tab makes while this one finds nothing stays"({ run }) {
      const seen = await run(async () => {
        const shopper = await page.open();
        const other = await page.another();
        const { databases } = IDBFactory.prototype;
        let asked = 0;
        // Erased after the first look, and made after the second. WebKit may collect `indexedDB` and what was put on it.
        IDBFactory.prototype.databases = async () => {
          // What was not made is listed by WebKit alone.
          const list = (await databases.call(indexedDB)).filter(({ version }) => version > 0);
          asked += 1;
          if (asked === 2) await other.open({ consent: "persist" });
          return asked === 1 ? [{ name: "reshelve", version: 1 }] : list;
        };
        const stored = await shopper.stored();
        IDBFactory.prototype.databases = databases;
        other.view("item-001");
        await other.shopper.settled();
        return { stored, asked, tier: other.shopper.status.tier, events: (await page.inDatabase()).length };
      });
      assert.deepEqual(seen, { stored: [], asked: 2, tier: "persist", events: 1 });
    },

    async "a tab that has heard nothing writes nothing once another has erased"({ run }) {
      const seen = await run(async () => {
        const { BroadcastChannel } = globalThis;
        // As in a browser without it, or in a tab that was asleep.
        delete globalThis.BroadcastChannel;
        const deaf = await page.open({ consent: "persist" });
        globalThis.BroadcastChannel = BroadcastChannel;
        page.view("item-001");
        await deaf.settled();
        const other = await page.another("?consent=persist");
        await other.shopper.consent("off");
        page.view("item-002");
        await deaf.settled();
        return {
          held: page.held(),
          tier: deaf.status.tier,
          problems: deaf.status.problems,
          device: await page.device(),
        };
      });
      assert.deepEqual([seen.held, seen.tier], [[], "none"]);
      assert.deepEqual(codes(seen), [["erased_elsewhere", "database"]]);
      assert.deepEqual(seen.device, EMPTY);
    },

    async "back in history, a page knows what was done meanwhile"({ run, load, arrive }) {
      await load("?consent=persist");
      await run(async () => {
        page.view("item-001");
        await page.shopper.settled();
      });
      await load("?consent=persist&next");
      await run(async () => {
        page.view("item-002");
        await page.shopper.settled();
      });
      await run(() => void setTimeout(() => history.back()));
      await arrive("?consent=persist");
      await run(() => page.until(() => page.held().length === 2));
      assert.deepEqual(await run(() => page.held()), ["view item-001", "view item-002"]);
    },

    async "storage that the browser forbids: the page works, and says why nothing is kept"({ run }) {
      const seen = await run(async () => {
        // A frame of no origin has no storage, as a browser that blocks it.
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        frame.src = "/forbidden.html";
        document.body.append(frame);
        return new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
      });
      assert.equal(seen.storage, "SecurityError");
      assert.deepEqual(seen.held, ["view item-001"]);
      assert.equal(seen.outcome, "personalized");
      assert.equal(seen.place, "memory");
      assert.ok(seen.codes.includes("storage_blocked"));
      assert.deepEqual(seen.after, []);
      assert.deepEqual(seen.stored, []);
    },

    async "no room in the tab: the newest is kept, nothing throws, and deleted events do not stay"({ run }) {
      const seen = await run(async () => {
        const shopper = await page.open({ consent: "session" });
        page.view("item-001");
        await shopper.settled();
        let filler = "x".repeat(1 << 20);
        for (let n = 0; filler; n += 1) {
          try {
            sessionStorage.setItem(`filler ${n}`, filler);
          } catch {
            filler = filler.slice(filler.length / 2 + 1);
          }
        }
        for (let n = 2; n < 10; n += 1) page.view(`item-00${n}`);
        await shopper.settled();
        const full = { held: page.held().length, status: shopper.status, text: sessionStorage["reshelve.v1"] ?? "" };
        for (const key of Object.keys(sessionStorage)) if (key.startsWith("filler")) sessionStorage.removeItem(key);
        page.view("item-010");
        await shopper.settled();
        return { full, after: JSON.parse(sessionStorage["reshelve.v1"]).records.length, place: shopper.status.place };
      });
      assert.equal(seen.full.held, 9);
      assert.deepEqual(codes(seen.full.status), [["storage_full", "tab"]]);
      assert.equal(seen.full.status.place, "memory");
      assert.deepEqual([seen.after, seen.place], [10, "tab"], "with room again, all of it is stored");
    },

    async "no room in the database: the tab's storage takes it, until there is"({ run, load }) {
      const seen = await run(async () => {
        const shopper = await page.open({ consent: "persist" });
        page.view("item-001");
        await shopper.settled();
        const { put } = IDBObjectStore.prototype;
        IDBObjectStore.prototype.put = () => {
          throw new DOMException("no room", "QuotaExceededError");
        };
        page.view("item-002");
        await shopper.settled();
        const full = { status: shopper.status, tab: sessionStorage["reshelve.v1"], held: page.held() };
        IDBObjectStore.prototype.put = put;
        return full;
      });
      assert.deepEqual(seen.held, ["view item-001", "view item-002"]);
      assert.deepEqual(codes(seen.status), [["storage_full", "database"]]);
      assert.equal(seen.status.place, "tab");
      assert.ok(seen.tab.includes("item-002"));
      await load("?consent=persist");
      const after = await run(async () => {
        await page.shopper.settled();
        return [page.held(), (await page.inDatabase()).length, (await page.device()).tab];
      });
      assert.deepEqual(after, [["view item-001", "view item-002"], 2, []]);
    },

    async "a database that does not answer keeps no page waiting, and takes everything in once it does"({ run }) {
      const seen = await run(async () => {
        await page.open({ consent: "persist" });
        page.view("item-001");
        await page.shopper.settled();
        const mine = await page.database();
        // Deleting waits for this connection, and whoever opens it waits for the deletion.
        const deletion = indexedDB.open("reshelve", mine.version + 1);
        await new Promise((resolve) => (deletion.onblocked = resolve));
        const shopper = await page.open({ consent: "persist", patienceMs: 20 });
        page.view("item-002");
        const early = { held: page.held(), order: page.order().outcome };
        mine.close();
        await new Promise((resolve) => (deletion.onsuccess = resolve));
        deletion.result.close();
        await shopper.settled();
        return { early, held: page.held(), stored: (await page.inDatabase()).length };
      });
      assert.deepEqual(seen.early, { held: ["view item-002"], order: "personalized" });
      assert.deepEqual(seen.held, ["view item-001", "view item-002"]);
      assert.equal(seen.stored, 2);
    },

    async "records that nobody can read go, and what is sound stays"({ run, load }) {
      await run(async () => {
        await page.open({ consent: "persist" });
        page.view("item-001");
        await page.shopper.settled();
        const until = Date.now() + 1e9;
        const at = Date.now();
        const broken = [
          {},
          { v: 1 },
          { v: 1, until, event: null },
          { v: 1, until, event: { type: "view", itemId: 5, timestamp: at } },
          { v: 1, until, event: { type: "view", itemId: "item-002", timestamp: "today" } },
          { v: 1, until, event: { type: "view", itemId: "", timestamp: at } },
          { v: 1, until: "later", event: { type: "view", itemId: "item-002", timestamp: at } },
          { v: "1", until, event: { type: "view", itemId: "item-002", timestamp: at } },
          { v: 1, until, event: { type: "view", itemId: "item-002", timestamp: at, quantity: -1 } },
        ];
        await page.putIntoDatabase(...broken.map((record, index) => ({ key: `broken ${index}`, ...record })));
      });
      await load("?consent=persist");
      const seen = await run(async () => {
        await page.shopper.settled();
        return { held: page.held(), stored: await page.inDatabase(), problems: page.shopper.status.problems };
      });
      assert.deepEqual(seen.held, ["view item-001"]);
      assert.deepEqual(
        seen.stored.map(({ event }) => event.itemId),
        ["item-001"],
      );
      assert.deepEqual(codes(seen), [["records_damaged", "database"]]);
    },

    async "a broken text in the tab's storage goes"({ run }) {
      for (const text of ["{", "null", "5", '{"records":5,"gone":[]}', '{"records":[null,5,{"v":1}],"gone":[null]}']) {
        const seen = await run(async (text) => {
          sessionStorage.setItem("reshelve.v1", text);
          const shopper = await page.open({ consent: "session" });
          page.view("item-001");
          await shopper.settled();
          const { records } = JSON.parse(sessionStorage["reshelve.v1"]);
          await shopper.close();
          return { held: page.held(), records: records.length, problems: shopper.status.problems };
        }, text);
        assert.deepEqual([seen.held, seen.records], [["view item-001"], 1], text);
        assert.deepEqual(codes(seen), [["records_damaged", "tab"]], text);
      }
    },

    async "a downgrade: what a newer version wrote is left alone, until its time is over or it is erased"({
      run,
      load,
    }) {
      await run(async () => {
        await page.open({ consent: "persist" });
        page.view("item-001");
        await page.shopper.settled();
        const until = Date.now() + 1e9;
        await page.putIntoDatabase(
          { key: "newer", v: 2, until, words: ["of", "tomorrow"] },
          {
            key: "of a later type",
            v: 1,
            until,
            event: { type: "tried_on", itemId: "item-002", timestamp: Date.now() },
          },
          { key: "newer, and over", v: 2, until: Date.now() - 1 },
        );
        // A newer version may also have raised the database's, and added to it.
        const db = await page.database();
        db.close();
        const upgrade = indexedDB.open("reshelve", db.version + 4);
        upgrade.onupgradeneeded = () => upgrade.result.createObjectStore("tomorrow");
        (await page.asked(upgrade)).close();
      });
      await load("?consent=persist");
      const seen = await run(async () => {
        page.view("item-003");
        await page.shopper.settled();
        const keys = (await page.inDatabase()).map(({ key }) => key);
        const { problems } = page.shopper.status;
        const held = page.held();
        await page.shopper.consent("none");
        return { held, keys, problems, device: await page.device() };
      });
      assert.deepEqual(seen.held, ["view item-001", "view item-003"]);
      assert.deepEqual(
        [seen.keys.length, seen.keys.includes("newer"), seen.keys.includes("of a later type")],
        [4, true, true],
      );
      assert.deepEqual(codes(seen), [["records_newer", "database"]]);
      assert.deepEqual(seen.device, EMPTY);
    },

    async "a downgrade in the tab's storage: the same"({ run, load }) {
      await run(() => {
        sessionStorage.setItem("reshelve.v2", '{"of":"tomorrow"}');
        const newer = { key: "newer", v: 2, until: Date.now() + 1e9 };
        sessionStorage.setItem("reshelve.v1", JSON.stringify({ records: [newer], gone: [] }));
      });
      await load("?consent=session");
      const seen = await run(async () => {
        page.view("item-001");
        await page.shopper.settled();
        const kept = [
          sessionStorage["reshelve.v2"],
          JSON.parse(sessionStorage["reshelve.v1"]).records.map(({ key }) => key),
        ];
        await page.shopper.consent("none");
        return { kept, tab: Object.keys(sessionStorage) };
      });
      assert.deepEqual([seen.kept[0], seen.kept[1][0], seen.kept[1].length], ['{"of":"tomorrow"}', "newer", 2]);
      assert.deepEqual(seen.tab, []);
    },

    async "a database of that name that is someone else's is left alone, and the tab's storage takes over"({
      run,
      load,
    }) {
      await run(async () => {
        const request = indexedDB.open("reshelve", 3);
        request.onupgradeneeded = () => request.result.createObjectStore("theirs").put("value", "key");
        (await page.asked(request)).close();
      });
      await load("?consent=persist");
      const seen = await run(async () => {
        page.view("item-001");
        await page.shopper.settled();
        const theirs = await page.inDatabase("theirs");
        return { theirs, held: page.held(), place: page.shopper.status.place, problems: page.shopper.status.problems };
      });
      assert.deepEqual([seen.theirs, seen.held, seen.place], [["value"], ["view item-001"], "tab"]);
      assert.deepEqual(codes(seen), [["storage_foreign", "database"]]);
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held()), ["view item-001"]);
    },

    async "a tab's storage from before an erasure does not bring anything back"({ run, load }) {
      const journal = await run(async () => {
        await page.open({ consent: "persist" });
        page.view("item-001");
        await null;
        await null;
        const journal = sessionStorage["reshelve.v1"];
        await page.shopper.settled();
        page.view("item-002");
        await null;
        await null;
        const later = sessionStorage["reshelve.v1"];
        await page.shopper.consent("none");
        return [journal, later];
      });
      assert.ok(journal[0].includes("item-001") && journal[1].includes("item-002"));
      await run((text) => sessionStorage.setItem("reshelve.v1", text), journal[1]);
      await load("?consent=persist");
      assert.deepEqual(await run(() => page.held()), []);
      await run((text) => sessionStorage.setItem("reshelve.v1", text), journal[1]);
      await load("?consent=none");
      assert.deepEqual(await run(() => page.device()), EMPTY);
    },
  }),
);
