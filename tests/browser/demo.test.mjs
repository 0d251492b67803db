// The demo store, tried as a shopper would, in the engine under test.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import {
  choose,
  eventCount,
  go,
  inBlock,
  listed,
  lookAt,
  openData,
  shopAs,
  tabTo,
  text,
  waitForText,
  withStore,
} from "./store.mjs";

const CAMP = "#/shelves/Camp";
/** A department that one page of a listing holds whole. */
const PACKS = "#/shelves/Packs";

/** What the store sells, as its pages load it. */
const catalogOf = (page) =>
  page.evaluate(async () => {
    const lines = (await (await fetch("./catalog.jsonl")).text()).trim().split("\n");
    return lines.map((line) => JSON.parse(line));
  });

test("opens under the content security policy with nothing in the console", () =>
  withStore(async (page, server) => {
    for (const hash of ["#/search?q=tent", CAMP, "#/cart", "#/wishes", "#/no/such/page", "#/"]) await go(page, hash);
    assert.deepEqual(await page.errors(), []);
    const foreign = (await page.requests()).filter((address) => !address.startsWith(server.url));
    assert.deepEqual(foreign, []);
    assert.equal(await page.evaluate(() => document.querySelector(".switch input").disabled), false, "it personalizes");
  }));

test("thirty events of browsing make no request and change the order", () =>
  withStore(async (page, server) => {
    await go(page, CAMP);
    const [before, requests] = [await listed(page), server.requests.length];
    const asked = (await page.requests()).length;

    await lookAt(page, "#/shelves/Home", 12);
    await lookAt(page, "#/shelves/Camp/Sleeping", 8);
    const cart = await lookAt(page, "#/shelves/Camp/Kitchen", 6);
    await page.click(".product-actions .button");
    await go(page, `#/product/${cart[0]}`);
    await page.click(".product-actions .button");
    await page.click(".wish");
    await go(page, "#/cart");
    await page.click("[aria-label^='One more']");

    assert.ok((await eventCount(page)) >= 30, `only ${await eventCount(page)} events`);
    await go(page, CAMP);
    assert.notDeepEqual(await listed(page), before);
    assert.deepEqual(server.requests.slice(requests), []);
    assert.equal((await page.requests()).length, asked);
    await openData(page);
    assert.equal(await text(page, "[data-figure='requests'] dd"), "0");
    assert.deepEqual(await page.errors(), []);
  }));

test("the switch restores the store's order exactly, and moves nothing but cards", () =>
  withStore(async (page) => {
    await go(page, PACKS);
    const store = await listed(page);
    await shopAs(page, "mara");
    const yours = await listed(page);
    assert.notDeepEqual(yours, store);
    assert.ok(await page.evaluate(() => document.querySelector(".moved-up") !== null), "moved places are shown");

    const places = () =>
      page.evaluate(() => {
        // Where the shelf has room, not where a card still glides.
        for (const animation of document.getAnimations()) animation.finish();
        const rectangle = (element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          return [x, y, width, height].map(Math.round);
        };
        return [...document.querySelectorAll(".listing .shelf > li, .head, .page-head, .foot")].map(rectangle);
      });
    const before = await places();
    await choose(page, "store");
    assert.deepEqual(await listed(page), store);
    assert.deepEqual(await places(), before);
    await choose(page, "yours");
    assert.deepEqual(await listed(page), yours);
  }));

test("to forget everything restores the store's order exactly, in listings, search and at the entrance", () =>
  withStore(async (page) => {
    const look = async () => {
      const seen = [];
      for (const hash of [CAMP, PACKS, "#/search?q=light"]) {
        await go(page, hash);
        seen.push(await listed(page));
      }
      await go(page, "#/");
      return [...seen, await inBlock(page, "for-you")];
    };
    const store = await look();
    await shopAs(page, "jonas");
    const yours = await look();
    for (const [index, order] of yours.entries()) assert.notDeepEqual(order, store[index], `list ${index}`);
    await openData(page);
    await page.click("[data-forget='all']");
    assert.equal(await eventCount(page), 0);
    await page.press("Escape");
    assert.deepEqual(await look(), store);
  }));

test("one forgotten event leaves the order of a shopper who never did it", () =>
  withStore(async (page) => {
    await lookAt(page, "#/shelves/Camp/Tents", 2);
    await go(page, PACKS);
    const without = await listed(page);
    const [last] = (await lookAt(page, "#/shelves/Packs/Bags", 1)).slice(-1);
    await go(page, PACKS);
    assert.notDeepEqual(await listed(page), without, last);
    await openData(page);
    await page.click(".event [data-forget]");
    assert.deepEqual(await listed(page), without);
  }));

test("every block says why it shows what it shows", () =>
  withStore(async (page) => {
    await shopAs(page, "aiko");
    await go(page, "#/");
    assert.equal(await text(page, "#block-for-you"), "For you");
    assert.match(await text(page, "#block-because"), /^Because you viewed /);
    const reasons = await page.evaluate(() =>
      [...document.querySelectorAll("[data-block='for-you'] .card-why")].map((why) => why.textContent),
    );
    assert.equal(reasons.length, 8);
    for (const reason of reasons)
      assert.match(reason, /^(Because you|Goes with|Suits|Popular|Something different|You|On your)/);
    await choose(page, "store");
    assert.equal(await text(page, "#block-for-you"), "Popular these weeks");
    await go(page, "#/cart");
    assert.match(await text(page, "[data-block='cross-sell'] .card-why"), /in your cart$/);
  }));

test("nothing stands twice on a page", () =>
  withStore(async (page) => {
    await shopAs(page, "mara");
    const item = (await inBlock(page, "for-you"))[0];
    for (const [hash, blocks] of [
      ["#/", ["because", "for-you", "recent"]],
      [`#/product/${item}`, ["alternatives", "recent", "similar", "together"]],
      ["#/cart", ["cross-sell", "recent"]],
    ]) {
      await go(page, hash);
      const shown = await page.evaluate(() =>
        [...document.querySelectorAll("[data-block]:not([hidden])")].map(({ dataset: { block }, children }) => [
          block,
          [...children[1].querySelectorAll(".card")].map((card) => card.dataset.item),
        ]),
      );
      assert.deepEqual(shown.map(([block]) => block).sort(), blocks, hash);
      const items = shown.flatMap(([, items]) => items);
      assert.deepEqual(items, [...new Set(items)], hash);
    }
  }));

test("a newcomer may answer questions, see what follows, take answers back, or not be asked", () =>
  withStore(async (page) => {
    const popular = await inBlock(page, "for-you");
    const isAsked = () => page.evaluate(() => !document.querySelector(".questions").hidden);
    const outside = "[data-answer='place/outside']";
    await tabTo(page, outside);
    await page.press("Enter");
    assert.equal(await text(page, "#block-for-you"), "For you");
    assert.match(await text(page, "[data-block='for-you'] .card-why"), /^You asked for things for outside$/);
    assert.ok(await page.evaluate((button) => document.activeElement.matches(button), outside), "the focus stays");
    await page.click("[data-answer='place/home']");
    assert.equal(await eventCount(page), 1, "one answer a question");

    await openData(page);
    assert.match(await text(page, ".event-words"), /^Asked for things for the home/);
    await page.click(".event [data-forget]");
    await page.press("Escape");
    assert.deepEqual(await inBlock(page, "for-you"), popular);

    assert.equal(await isAsked(), true);
    await page.click("[data-dismiss='questions']");
    assert.equal(await isAsked(), false);
    await go(page, PACKS);
    await go(page, "#/");
    assert.equal(await isAsked(), false, "nobody is asked again");
  }));

test("says what follows from the events, with their number", () =>
  withStore(async (page) => {
    await openData(page);
    assert.equal(await text(page, ".about-segment"), "New here.");
    await page.press("Escape");
    await lookAt(page, "#/shelves/Packs/Bags", 3);
    await openData(page);
    assert.equal(await text(page, "[data-affinity='category'] dd"), "from 3 events");
    assert.match(await text(page, "[data-affinity='category'] dt"), /Packs › Bags › City packs$/);
    await page.press("Escape");
    await page.click(".product-actions .button");
    await go(page, "#/cart");
    await page.click(".summary .button");
    await page.click(".checkout .button");
    await openData(page);
    assert.equal(await text(page, ".about-segment"), "Has bought something.");
  }));

test("who shops for someone else gets an order of its own, and their own again", () =>
  withStore(async (page) => {
    await shopAs(page, "mara");
    const own = await inBlock(page, "for-you");
    const flip = async () => {
      await openData(page);
      await page.click(".controls input[name='gift']");
      await page.press("Escape");
    };
    await flip();
    assert.equal(await text(page, "#block-for-you"), "Popular these weeks");
    await lookAt(page, "#/shelves/Home/Lamps", 3);
    await go(page, "#/");
    assert.equal(await text(page, "#block-for-you"), "For you");
    const gift = await inBlock(page, "for-you");
    assert.notDeepEqual(gift, own);
    await flip();
    assert.deepEqual(await inBlock(page, "for-you"), own);
  }));

test("more variety and less strength change the order, and are kept where the visit is", () =>
  withStore(async (page, server) => {
    await shopAs(page, "mara");
    const set = (name, value) =>
      page.evaluate(
        ([name, value]) => {
          const input = document.querySelector(`.controls input[name='${name}']`);
          input.value = value;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        },
        [name, value],
      );
    const usual = await inBlock(page, "for-you");
    await openData(page);
    await set("broaden", 3);
    const varied = await inBlock(page, "for-you");
    assert.notDeepEqual(varied, usual);
    await page.click(".place input[value='session']");
    await page.goto(`${server.url}/?again`);
    await page.waitFor("html[data-ready] main h1");
    assert.deepEqual(await inBlock(page, "for-you"), varied);

    await go(page, PACKS);
    const strong = await listed(page);
    await openData(page);
    await set("broaden", 0);
    assert.equal(await text(page, ".control-value"), "As the store does");
    await set("strength", 2);
    assert.equal(await text(page, ".control-value"), "As much as can be");
    assert.notDeepEqual(await listed(page), strong);
    await page.click("[data-forget='all']");
    assert.equal(await text(page, ".control-value"), "As the store does");
    assert.equal(await page.evaluate(() => sessionStorage.getItem("larkmoor-settings")), null);
  }));

test("search, product and cart with the keyboard alone", () =>
  withStore(async (page) => {
    await tabTo(page, ".skip");
    await tabTo(page, ".search input");
    for (const letter of "kettle") await page.press(letter);
    await page.press("Enter");
    await waitForText(page, "h1", "“kettle”");
    assert.match(await text(page, ".page-count"), /^\d+ products?$/);
    await tabTo(page, ".card-title a");
    await page.press("Enter");
    await page.waitFor(".product");
    assert.equal(await eventCount(page), 2, "a settled search and a view, not one a key");
    const name = await text(page, "h1");
    await tabTo(page, ".product-actions .button");
    await page.press("Enter");
    await tabTo(page, ".added a");
    await page.press("Enter");
    await page.waitFor(".line");
    assert.ok((await text(page, ".line h2")).startsWith(name), `${await text(page, ".line h2")} is no ${name}`);
    await tabTo(page, "[aria-label^='One more']");
    await page.press("Enter");
    assert.equal(await text(page, ".stepper-count"), "2");
    assert.ok(await page.evaluate(() => document.activeElement.matches("[aria-label^='One more']")), "the focus stays");
    await tabTo(page, ".summary .button");
    await page.press("Enter");
    await page.waitFor(".checkout");
    await page.press("Escape");
    assert.ok(await page.evaluate(() => document.activeElement.matches(".summary .button")), "the focus returns");
  }));

test("what is due is offered again at the entrance and in the cart, unless it is in the cart or just bought", () =>
  withStore(async (page) => {
    for (const block of ["again", "recent"]) assert.deepEqual(await inBlock(page, block), [], "nothing fills them up");
    await shopAs(page, "edith");
    const due = await inBlock(page, "again");
    assert.deepEqual(due, ["hs-0137-pine", "hs-0106-navy"], "what has waited longer comes first");
    assert.equal(await text(page, "[data-block='again'] .card-why"), "You bought this 44 days ago");
    await go(page, "#/cart");
    assert.deepEqual(await inBlock(page, "again"), due);
    await go(page, `#/product/${due[0]}`);
    await page.click(".product-actions .button");
    await go(page, "#/cart");
    assert.deepEqual(await inBlock(page, "again"), due.slice(1));
    await page.click(".summary .button");
    await page.click(".checkout .button");
    await page.waitFor(".cart .empty");
    assert.deepEqual(await inBlock(page, "again"), due.slice(1), "it is not due so soon");
    await go(page, "#/");
    await choose(page, "store");
    assert.deepEqual(await inBlock(page, "again"), []);
  }));

test("a product says who sells it, and no seller fills the first places", () =>
  withStore(async (page) => {
    const catalog = await catalogOf(page);
    const sellerOf = new Map(catalog.map(({ item_id, seller }) => [item_id, seller]));
    assert.equal(new Set(sellerOf.values()).size, 4);
    const guest = catalog.find(({ seller }) => seller !== "Larkmoor");
    await go(page, `#/product/${guest.item_id}`);
    assert.equal(await text(page, ".product-seller"), `Sold by ${guest.seller}`);
    for (const department of ["Camp", "Women", "Home"]) {
      await go(page, `#/shelves/${department}`);
      const first = (await listed(page)).slice(0, 8).map((item) => sellerOf.get(item));
      for (const seller of first) assert.ok(first.filter((other) => other === seller).length <= 5, first.join());
    }
  }));

test("no margin is in anything that the store serves", async () => {
  const site = process.env.RESHELVE_SITE;
  for (const file of await readdir(site, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const content = await readFile(path.join(file.parentPath, file.name), "latin1");
    assert.ok(!content.includes(`"margin":`), file.name);
  }
});

test("a pretended purchase empties the cart, and is remembered as one", () =>
  withStore(async (page) => {
    await shopAs(page, "brandt");
    await go(page, "#/cart");
    const lines = await page.evaluate(() => document.querySelectorAll(".line").length);
    const events = await eventCount(page);
    await page.click(".summary .button");
    await page.click(".checkout .button");
    await page.waitFor(".cart .empty");
    assert.equal(await eventCount(page), events + lines);
    await openData(page);
    assert.match(await text(page, ".event-words"), /^Bought /);
  }));

test("fits a phone: nothing is wider than the window", () =>
  withStore(async (page) => {
    await page.resize(360, 740);
    await shopAs(page, "edith");
    const item = (await inBlock(page, "for-you"))[0];
    for (const hash of ["#/", CAMP, "#/search?q=wool", `#/product/${item}`, "#/cart", "#/wishes", "#/merchandising"]) {
      await go(page, hash);
      if (hash === "#/merchandising") await page.waitFor(".bench");
      const { wide, window } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        window: document.documentElement.clientWidth,
      }));
      assert.ok(wide <= window, `${hash} is ${wide} px wide in a window of ${window}`);
    }
  }));

test("works in its own order where WebAssembly is refused", () =>
  withStore(
    async (page) => {
      await go(page, CAMP);
      const order = await listed(page);
      assert.equal(order.length, 24);
      await lookAt(page, PACKS, 2);
      await page.click(".product-actions .button");
      assert.ok((await inBlock(page, "similar")).length > 0, "the same shelf stands in for what is similar");
      await go(page, "#/cart");
      assert.ok(await text(page, ".line h2"));
      await go(page, CAMP);
      assert.deepEqual(await listed(page), order);
      assert.equal(await page.evaluate(() => document.querySelector(".switch input").disabled), true);
      await openData(page);
      assert.equal(
        await page.evaluate(() => document.querySelector(".notice").dataset.failure),
        "ERR_WASM_UNAVAILABLE",
      );
    },
    { headers: { "Content-Security-Policy": "default-src 'self'" } },
  ));

test("shifts no layout, where the engine measures that", (context) =>
  withStore(async (page) => {
    const isMeasured = await page.evaluate(() => {
      if (!PerformanceObserver.supportedEntryTypes.includes("layout-shift")) return false;
      globalThis.shifts = [];
      const note = (entry) =>
        globalThis.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.className ?? node?.nodeName)]);
      new PerformanceObserver((list) =>
        list
          .getEntries()
          .filter((entry) => !entry.hadRecentInput)
          .forEach(note),
      ).observe({ type: "layout-shift", buffered: true });
      return true;
    });
    if (!isMeasured) return context.skip(`${page.engine} measures no layout shifts`);
    await shopAs(page, "mara");
    await go(page, "#/");
    for (const hash of [CAMP, "#/search?q=bag"]) {
      await go(page, hash);
      await choose(page, "store");
      await choose(page, "yours");
    }
    await lookAt(page, PACKS, 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
  }));
