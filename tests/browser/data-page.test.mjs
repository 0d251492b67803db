// The demo store's "Your data": consent, deletion, pause, files and codes, and what is not wanted, as a shopper does it.

import assert from "node:assert/strict";
import test from "node:test";
import { engine } from "../harness/browser.mjs";
import {
  eventCount,
  go,
  inBlock,
  listed,
  lookAt,
  openData,
  shopAs,
  switchSays,
  text,
  waitForText,
  withStore,
} from "./store.mjs";

const PACKS = "#/shelves/Packs";

/** Chooses how long to remember, and waits until the panel says so. */
async function consent(page, tier) {
  await page.click(`.place input[value='${tier}']`);
  await page.waitFor(`.place input[value='${tier}']:checked`);
}

const reload = async (page, server, search = `?${Math.random()}`) => {
  await page.goto(`${server.url}/${search}`);
  await page.waitFor("html[data-ready] main h1");
};

/** What the browser holds for the store. */
const device = (page) =>
  page.evaluate(async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    return {
      databases,
      tab: Object.keys(sessionStorage).sort(),
      local: Object.keys(localStorage),
      cookie: document.cookie,
    };
  });

const EMPTY = { databases: [], tab: [], local: [], cookie: "" };

/** Waits until the panel tells of places, or of none. */
const storedSays = (page, expected) =>
  page.evaluate(async (expected) => {
    const found = () =>
      [...document.querySelectorAll("[data-stored]")].map(
        (row) => `${row.dataset.stored}: ${row.lastChild.textContent}`,
      );
    for (
      const start = performance.now();
      !expected.every((words, index) => found()[index]?.startsWith(words)) || found().length !== expected.length;
    ) {
      if (performance.now() - start > 10_000) throw new Error(`it says ${JSON.stringify(found())}`);
      await new Promise(requestAnimationFrame);
    }
  }, expected);

test("nothing is stored until asked; then in the tab, then on the device, and erased at once", () =>
  withStore(async (page, server) => {
    await go(page, PACKS);
    const own = await listed(page);
    await lookAt(page, PACKS, 3);
    await go(page, PACKS);
    assert.notDeepEqual(await listed(page), own);
    assert.deepEqual(await device(page), EMPTY);

    await openData(page);
    await storedSays(page, []);
    await consent(page, "session");
    await storedSays(page, ["tab: 3 events", "choice"]);
    assert.deepEqual(await device(page), { ...EMPTY, tab: ["larkmoor-consent", "larkmoor.v1"] });
    await reload(page, server);
    assert.equal(await eventCount(page), 3);

    await openData(page);
    await consent(page, "persist");
    await storedSays(page, ["database: 3 events", "choice"]);
    assert.deepEqual(await device(page), { ...EMPTY, databases: ["larkmoor"], local: ["larkmoor-consent"] });
    await reload(page, server);
    assert.equal(await eventCount(page), 3);

    await openData(page);
    await consent(page, "none");
    assert.equal(await eventCount(page), 0);
    await storedSays(page, []);
    assert.deepEqual(await device(page), EMPTY);
    await page.press("Escape");
    await go(page, PACKS);
    assert.deepEqual(await listed(page), own, "the next order is the store's own");
  }));

test("cart and wish list outlive a reload where the visit does, and travel with it", () =>
  withStore(async (page, server) => {
    const [first, second] = await lookAt(page, PACKS, 2);
    for (const item of [first, second, second]) {
      await go(page, `#/product/${item}`);
      await page.click(".product-actions .button");
    }
    await go(page, "#/cart");
    await page.click("[aria-label^='One less']");
    await go(page, `#/product/${first}`);
    await page.click(".wish");
    await openData(page);
    await consent(page, "session");
    const code = await text(page, "[data-code]");
    const held = async () => {
      await go(page, "#/cart");
      const lines = await page.evaluate(() =>
        [...document.querySelectorAll(".line")].map((line) => [
          line.querySelector("h2 a").hash.split("/").pop(),
          line.querySelector(".stepper-count").textContent,
        ]),
      );
      await go(page, "#/wishes");
      return [lines, await listed(page)];
    };
    await reload(page, server);
    assert.deepEqual(await held(), [[[second, "2"]], [first]]);

    await openData(page);
    await consent(page, "none");
    await page.goto(`${server.url}/?elsewhere#/bring/${code}`);
    await page.waitFor("[data-bring='yes']");
    await page.click("[data-bring='yes']");
    const [lines] = await held();
    assert.deepEqual(
      lines.map(([item]) => item),
      [second],
      "a code says that it is in the cart, not how many",
    );
  }));

test("off is off, after a reload too, and keeps one word", () =>
  withStore(async (page, server) => {
    await shopAs(page, "mara");
    await openData(page);
    await consent(page, "off");
    assert.equal(await eventCount(page), 0);
    assert.equal(await text(page, ".events-none"), "Nothing, and nothing that you do is noted.");
    await page.press("Escape");
    assert.equal(await text(page, ".bar-who"), "Shop as …");
    assert.deepEqual(await switchSays(page), { value: "store", disabled: true });
    assert.equal(await page.evaluate(() => document.querySelector(".questions").hidden), true, "nobody is asked");
    assert.equal(await text(page, "[data-block='for-you'] .block-note"), "The same for everyone.");
    assert.match(await text(page, ".promise"), /nothing that you do is noted/);
    await page.click(".bar-button");
    assert.match(await text(page, ".personas"), /Nothing is noted for now/);
    await page.press("Escape");
    assert.deepEqual(await device(page), { ...EMPTY, local: ["larkmoor-consent"] });
    await reload(page, server);
    await lookAt(page, PACKS, 2);
    assert.equal(await eventCount(page), 0);
    await openData(page);
    assert.equal(await page.evaluate(() => document.querySelector(".place input:checked").value), "off");
  }));

test("a pause notes nothing, and ends", () =>
  withStore(async (page) => {
    await lookAt(page, PACKS, 1);
    const pause = async () => {
      await openData(page);
      await page.click("[name='pause']");
      await page.press("Escape");
    };
    await pause();
    await lookAt(page, "#/shelves/Camp", 2);
    assert.equal(await eventCount(page), 1);
    await pause();
    await lookAt(page, "#/shelves/Home", 2);
    assert.equal(await eventCount(page), 3);
  }));

test("what is not wanted goes to the end or waits, and comes back", () =>
  withStore(async (page) => {
    await shopAs(page, "mara");
    await go(page, "#/");
    const before = await inBlock(page, "for-you");
    const say = async (what) => {
      await page.evaluate((item) => document.querySelector(`[data-item="${item}"] .card-more`).click(), before[0]);
      await page.click(`.menu [data-say='${what}']`);
    };
    const events = await eventCount(page);
    await say("not");
    assert.ok(!(await inBlock(page, "for-you")).includes(before[0]), "it is not recommended");
    assert.equal(await eventCount(page), events + 1);
    await page.click(".toast-undo");
    assert.deepEqual(await inBlock(page, "for-you"), before);
    await say("less");
    assert.notDeepEqual(await inBlock(page, "for-you"), before);
    await openData(page);
    assert.match(await text(page, ".event-words"), /^Wanted less of what is like /);
    await page.click(".event [data-forget]");
    await page.press("Escape");
    assert.deepEqual(await inBlock(page, "for-you"), before);
  }));

test("a code takes the visit to another device, and is asked about there", () =>
  withStore(async (page, server) => {
    await lookAt(page, PACKS, 3);
    await go(page, PACKS);
    const order = await listed(page);
    await openData(page);
    const code = await text(page, "[data-code]");
    assert.ok(
      await page.evaluate(() => document.querySelector(".qr-dark").getAttribute("d").length > 500),
      "it is drawn",
    );
    assert.match(await text(page, ".token-lines li"), /^Viewed .+, (just now|\d+ .+ ago)$/);
    assert.match(await text(page, ".takeaway-code"), /what counts most, 3 events\..+127\.0\.0\.1 is this device/);
    await page.goto(`${server.url}/?elsewhere#/bring/${code}`);
    await page.waitFor("[data-bring='yes']");
    assert.equal(await page.evaluate(() => location.hash), "#/", "the code does not stay in the address");
    assert.equal(await eventCount(page), 0, "nothing is taken in unasked");
    await page.click("[data-bring='yes']");
    assert.equal(await eventCount(page), 3);
    assert.match(await text(page, ".toast"), /^Brought in 3 events/);
    await go(page, PACKS);
    assert.deepEqual(await listed(page), order);
    await openData(page);
    await page.fill("[name='code']", code.slice(0, 30));
    await page.press("Enter");
    await waitForText(
      page,
      ".takeaway-said",
      "That could not be read: cut off, changed, or something else altogether.",
    );
    assert.ok(
      server.requests.every((path) => !path.includes(code)),
      "no server sees it",
    );
  }));

test("a file brings everything back", () =>
  withStore(async (page) => {
    await lookAt(page, PACKS, 3);
    await openData(page);
    // The file that a press on the button saves, without the browser's dialog.
    const saved = await page.evaluate(async () => {
      const { createObjectURL } = URL;
      const blob = new Promise((resolve) => {
        URL.createObjectURL = (blob) => (resolve(blob), createObjectURL.call(URL, blob));
      });
      HTMLAnchorElement.prototype.click = () => {};
      document.querySelector("[data-take='save']").click();
      return (await blob).text();
    });
    assert.equal(JSON.parse(saved).events.length, 3);
    await page.click("[data-forget='all']");
    assert.equal(await eventCount(page), 0);
    await page.evaluate((saved) => {
      const files = new DataTransfer();
      files.items.add(new File([saved], "larkmoor-visit.json", { type: "application/json" }));
      const input = document.querySelector(".takeaway [type='file']");
      input.files = files.files;
      input.dispatchEvent(new Event("change"));
    }, saved);
    await page.evaluate(async () => {
      while (!document.querySelector(".takeaway-said").textContent) await new Promise(requestAnimationFrame);
    });
    assert.equal(await text(page, ".takeaway-said"), "Brought in 3 events.");
    assert.equal(await eventCount(page), 3);
  }));

/** Only Firefox has it to be switched on; `consent.test.mjs` has it in every engine, as an extension would bring it. */
const noSwitch = engine !== "firefox" && `${engine} has no Global Privacy Control to switch on`;

test("Global Privacy Control, switched on in the browser, is honoured and said", { skip: noSwitch }, () =>
  withStore(
    async (page, server) => {
      assert.equal(await page.evaluate(() => navigator.globalPrivacyControl), true);
      await page.evaluate(() => localStorage.setItem("larkmoor-consent", "persist"));
      await reload(page, server);
      await lookAt(page, PACKS, 2);
      await openData(page);
      assert.match(await text(page, "[data-notice='privacy-control']:not([hidden])"), /Global Privacy Control/);
      assert.deepEqual(await device(page), EMPTY, "what was stored before is gone, the answer included");
      await page.click(".place input[value='session']");
      assert.deepEqual(await device(page), EMPTY);
      assert.equal(await eventCount(page), 2);
    },
    { preferences: { "privacy.globalprivacycontrol.enabled": true } },
  ),
);

test("the panel fits a phone, by day and by night", () =>
  withStore(async (page) => {
    await page.resize(360, 740);
    await shopAs(page, "edith");
    await openData(page);
    const wide = await page.evaluate(() => {
      const dialog = document.querySelector(".dialog.data");
      return [dialog.scrollWidth, dialog.clientWidth];
    });
    assert.ok(wide[0] <= wide[1], `${wide}`);
  }));
