// The page of the store's own people: rules are written, checked, tried out and applied.

import assert from "node:assert/strict";
import { test } from "node:test";
import { go, inBlock, listed, openData, shopAs, tabTo, text, withStore } from "./store.mjs";

const PAGE = "#/merchandising";
const TEXT = ".code-text";

/** Opens the page, and waits until the compiler is there. */
async function open(page) {
  await go(page, PAGE);
  await page.waitFor(".bench");
}

/** Replaces the rules, as if they were typed, and waits for what is said of them. */
const write = (page, rules) =>
  page.evaluate(async (rules) => {
    const area = document.querySelector(".code-text");
    const verdict = document.querySelector(".verdict");
    const said = new Promise((resolve) => new MutationObserver(resolve).observe(verdict, { childList: true }));
    area.value = rules;
    area.dispatchEvent(new Event("input"));
    await Promise.race([said, new Promise((resolve) => setTimeout(resolve, 1000))]);
  }, rules);

const choose = (page, name, value) =>
  page.evaluate(
    ([name, value]) => {
      const control = document.querySelector(`.chooser [name="${name}"]`);
      control.value = value;
      control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input"));
    },
    [name, value],
  );

/** Item ids of one of the two columns. */
const column = (page, name) =>
  page.evaluate(
    (name) => [...document.querySelectorAll(`.column-${name} .spot`)].map((place) => place.dataset.item),
    name,
  );

const isDisabled = (page, words) =>
  page.evaluate(
    (words) =>
      [...document.querySelectorAll(".bench-actions button")].find(({ textContent }) => textContent.includes(words))
        .ariaDisabled === "true",
    words,
  );

const press = (page, words) =>
  page.evaluate(
    (words) =>
      [...document.querySelectorAll(".bench-actions button")]
        .find(({ textContent }) => textContent.includes(words))
        .click(),
    words,
  );

const dropping = (condition) => `[[filter]]\nname = "tried out"\ndrop = "${condition}"\n`;

test("the compiler of rules is fetched when its page is opened, and not before", () =>
  withStore(async (page, server) => {
    const fetched = () => server.requests.filter((path) => /rules.*\.wasm|workbench/.test(path)).length;
    const promise = async () => {
      await go(page, "#/");
      return text(page, ".promise");
    };
    await go(page, "#/shelves/Packs");
    assert.equal(fetched(), 0);
    assert.match(await promise(), /asked the network for nothing/);
    assert.ok(server.requests.includes("/store.rules"), "the store's own rules come with the store");
    await open(page);
    assert.equal(fetched(), 2);
    assert.equal((await page.evaluate(() => document.querySelector(".verdict").dataset.tone)) === "error", false);
    assert.doesNotMatch(await promise(), /asked the network for nothing/);
    await open(page);
    assert.equal(fetched(), 2);
    assert.deepEqual(await page.errors(), []);
    const foreign = (await page.requests()).filter((address) => !address.startsWith(server.url));
    assert.deepEqual(foreign, []);
  }));

test("the store's rules hold in the store", () =>
  withStore(async (page) => {
    await go(page, "#/shelves/Camp");
    assert.equal((await listed(page))[0], "tn-0105-fog", "the tent of the season is pinned");
    for (const persona of ["mara", "edith"]) {
      await shopAs(page, persona);
      await go(page, "#/shelves/Camp");
      assert.equal((await listed(page))[0], "tn-0105-fog", `the same for ${persona}`);
    }
  }));

test("both orders stand side by side, with what moved and by which rule", () =>
  withStore(async (page) => {
    await open(page);
    assert.equal((await column(page, "after"))[0], "tn-0105-fog");
    assert.match(await text(page, ".column-after .spot .spot-rule"), /^Pinned tent of the season$/);
    const before = await column(page, "before");
    await write(page, "");
    assert.deepEqual(await column(page, "after"), before, "no rules against no rules");
    assert.match(await text(page, ".preview-summary"), /^Nothing moved/);

    await write(page, dropping(`item == '${before[0]}'`));
    assert.match(await text(page, ".verdict"), /^1 rule in/);
    const after = await column(page, "after");
    assert.ok(!after.includes(before[0]) || before.length < 12, "it is gone, or stands for another color");
    await write(page, `[[pin]]\nname = "first things"\nitem = "${before[4]}"\nrank = 1\n`);
    assert.equal((await column(page, "after"))[0], before[4]);
    assert.match(await text(page, ".column-after .spot-move"), /4 places up/);
    await page.click(".column-after .spot-rule");
    const selected = await page.evaluate(() => {
      const area = document.querySelector(".code-text");
      return area.value.slice(area.selectionStart, area.selectionEnd);
    });
    assert.equal(selected, 'name = "first things"', "the rule leads to its line");
    await page.click(".column-after .spot-why summary");
    assert.match(await text(page, ".column-after .spot-why[open]"), /store’s order/);
  }));

test("nothing is to be said against the store's rules, and what margins and sellers move is shown", () =>
  withStore(async (page) => {
    await open(page);
    assert.match(await text(page, ".verdict"), /Nothing to complain about\.$/);
    await choose(page, "shopper", "mara");
    const margin = `[[boost]]\nname = "what pays better"\nper = "margin_band"\nby = 400\namong = 48\n`;
    await write(page, margin);
    assert.match(await text(page, ".verdict"), /^1 rule in .* Nothing to complain about\.$/);
    assert.equal(await text(page, ".column-after .spot-boost"), "Boosted");
    await write(page, `[[cap]]\nname = "one each"\nat_most = 1\nper = "seller"\nfirst = 4\n`);
    assert.match(await text(page, ".preview-summary"), /held back/);
  }));

test("a page may be looked at as any shopper, and compared with the store's rules", () =>
  withStore(async (page) => {
    await open(page);
    await choose(page, "page", "0");
    const nobody = await column(page, "after");
    await choose(page, "shopper", "aiko");
    const aiko = await column(page, "after");
    assert.equal(aiko.length, 8);
    assert.notDeepEqual(aiko, nobody);
    await choose(page, "against", "store");
    assert.deepEqual(await column(page, "before"), aiko);
    const last = await page.evaluate(() => document.querySelector(".chooser [name='page']").options.length - 1);
    await choose(page, "page", String(last));
    await choose(page, "query", "kettle");
    assert.ok((await column(page, "after")).length > 0);
    await choose(page, "query", "");
    assert.match(await text(page, ".preview-summary"), /Nothing is shown/);
  }));

test("an error is marked in its line, and leaves what was there", () =>
  withStore(async (page) => {
    await open(page);
    const before = await column(page, "after");
    await write(page, `# two lines\n${dropping("brand = 'Skogly'")}`);
    assert.match(await text(page, ".verdict"), /^Line 4, column 15: /);
    assert.match(await text(page, ".finding"), /write ==/);
    const marked = () =>
      page.evaluate(() => [...document.querySelectorAll(".code-gutter [data-mark]")].map((line) => line.textContent));
    assert.deepEqual(await marked(), ["4"]);
    assert.equal(await page.evaluate(() => document.querySelector(".code-text").getAttribute("aria-invalid")), "true");
    assert.equal(await isDisabled(page, "Apply"), true);
    assert.deepEqual(await column(page, "after"), before);
    assert.ok(await page.evaluate(() => !document.querySelector(".preview-stale").hidden));
    await page.click(".finding .text-button");
    assert.ok(await page.evaluate(() => document.activeElement.matches(".code-text")));

    await write(page, dropping("brand == 'Nobody'"));
    assert.deepEqual(await marked(), ["2"]);
    assert.match(await text(page, ".finding"), /^Warning/);
    await write(page, dropping("brand == 'Skogly'"));
    assert.deepEqual(await marked(), []);
    assert.equal(await isDisabled(page, "Apply"), false);
    assert.deepEqual(await page.errors(), []);
  }));

test("rules that are applied hold in every list until they are reset", () =>
  withStore(async (page) => {
    const brands = () =>
      page.evaluate(() =>
        new Set([...document.querySelectorAll(".card-brand")].map((p) => p.textContent)).has("Skogly"),
      );
    await go(page, "#/shelves/Camp");
    const [store, count] = [await listed(page), await text(page, ".page-count")];
    assert.equal(await brands(), true);

    await open(page);
    await write(page, dropping("brand == 'Skogly'"));
    assert.match(await text(page, ".left-out summary"), /^Left out: \d+ products$/);
    await press(page, "Apply");
    assert.match(await text(page, ".bench-held"), /this draft/);
    for (const hash of ["#/shelves/Camp", "#/search?q=tent", "#/"]) {
      await go(page, hash);
      assert.equal(await brands(), false, hash);
    }
    assert.ok((await inBlock(page, "for-you")).length === 8, "others fill the block");
    await go(page, "#/shelves/Camp");
    assert.notEqual(await text(page, ".page-count"), count, "what is left out is not counted");
    await shopAs(page, "mara");
    await go(page, "#/shelves/Camp");
    assert.equal(await brands(), false);

    await open(page);
    assert.match(
      await page.evaluate(() => document.querySelector(".code-text").value),
      /tried out/,
      "the draft is kept",
    );
    await press(page, "Reset");
    assert.equal(await isDisabled(page, "Reset"), true);
    await openData(page);
    await page.click("[data-forget='all']");
    await page.press("Escape");
    await go(page, "#/shelves/Camp");
    assert.deepEqual(await listed(page), store);
  }));

test("a pin leaves the entrance and the cart whole, on its surface or on all of them", () =>
  withStore(async (page) => {
    const applyAndLook = async () => {
      await press(page, "Apply");
      assert.match(await text(page, ".bench-held"), /this draft/);
      await go(page, "#/");
      const isThere = (selector) => page.evaluate((selector) => document.querySelector(selector) !== null, selector);
      assert.ok(await isThere("main .card[data-item='tn-0105-fog']"), "what is pinned stands at the entrance");
      assert.ok(await isThere("main .promise"), "which is whole, to its foot");
      await go(page, "#/cart");
      assert.equal(await text(page, "main h1"), "Your cart");
      assert.deepEqual(await page.errors(), []);
      await open(page);
    };
    await open(page);
    await page.click("[data-add='pin']");
    await applyAndLook();
    await write(page, `[[pin]]\nname = "everywhere"\nitem = "tn-0105-fog"\nrank = 1\n`);
    await applyAndLook();
  }));

test("a rule is added and applied with the keyboard alone", () =>
  withStore(async (page) => {
    await open(page);
    await tabTo(page, "[data-add='pin']");
    await page.press("Enter");
    assert.ok(await page.evaluate(() => document.activeElement.matches(".code-text")), "one goes on writing");
    await tabTo(page, ".bench-actions .button");
    await page.press("Enter");
    assert.match(await text(page, ".bench-held"), /this draft/);
    assert.equal(
      await page.evaluate(() => document.activeElement.textContent),
      "Apply to the store",
      "the focus stays",
    );
  }));

test("a draft comes back with undo, after a rule is added and after a reset", () =>
  withStore(async (page) => {
    await open(page);
    const rules = () => page.evaluate(() => document.querySelector(".code-text").value);
    const undo = () => page.evaluate(() => document.execCommand("undo"));
    const store = await rules();
    await page.click(TEXT);
    await page.press("x");
    const draft = await rules();
    assert.equal(draft.length, store.length + 1);
    await page.click("[data-add='filter']");
    assert.match(await rules(), /"my filter"/);
    await undo();
    assert.equal(await rules(), draft);
    await press(page, "Reset");
    assert.equal(await rules(), store);
    await undo();
    assert.equal(await rules(), draft);
    await page.waitFor(".bench-actions .button-quiet[aria-disabled='false']");
  }));

test("the entrance is shown as its shopper sees it, and nothing is warned of", () =>
  withStore(async (page) => {
    await page.evaluate(() => {
      globalThis.warnings = [];
      console.warn = (...words) => globalThis.warnings.push(words.join(" "));
    });
    const popular = await inBlock(page, "for-you");
    await open(page);
    await choose(page, "page", "0");
    assert.deepEqual(await column(page, "after"), popular, "to somebody new");
    for (const persona of ["mara", "edith"]) {
      await choose(page, "shopper", persona);
      const tried = await column(page, "after");
      await shopAs(page, persona);
      await choose(page, "shopper", "you");
      assert.deepEqual(await column(page, "after"), tried, `${persona}, so far`);
      await go(page, "#/");
      assert.deepEqual(await inBlock(page, "for-you"), tried, persona);
      await open(page);
    }
    assert.deepEqual(await page.evaluate(() => globalThis.warnings), []);
  }));

test("says so where WebAssembly is refused", () =>
  withStore(
    async (page) => {
      await go(page, PAGE);
      await page.waitFor(".notice");
      assert.match(await text(page, ".notice"), /did not let the page run WebAssembly/);
      assert.equal(await page.evaluate(() => document.querySelector(".code-text")), null);
    },
    { headers: { "Content-Security-Policy": "default-src 'self'" } },
  ));
