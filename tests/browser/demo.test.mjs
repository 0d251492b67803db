// The demo store, tried as a shopper would, in the engine under test.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { engine } from "../harness/browser.mjs";
import {
  choose,
  eventCount,
  go,
  inBlock,
  listed,
  lookAt,
  openData,
  shopAs,
  switchSays,
  tabTo,
  text,
  traverse,
  waitForNone,
  waitForText,
  withoutAnswer,
  withStore,
} from "./store.mjs";

const CAMP = "#/shelves/Camp";
/** A department that one page of a listing holds whole. */
const PACKS = "#/shelves/Packs";
/** Longer than a phone is wide. */
const LONG_WORD = "Schlechtwetterregenjackenhüllenbefestigungsschlaufe";

/** Opens the menu of the first card, whose button is there while the card has the focus. */
async function openMenu(page) {
  await page.evaluate(() => document.querySelector(".card-more").focus());
  await page.click(".card-more");
  await page.waitFor(".menu");
}

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

test("a place that an item moved is counted from where the switch shows it in the store's order", () =>
  withStore(async (page) => {
    const productOf = new Map((await catalogOf(page)).map(({ item_id, parent_id }) => [item_id, parent_id ?? item_id]));
    await shopAs(page, "brandt");
    for (const hash of [CAMP, "#/search?q=light"]) {
      await go(page, hash);
      await page.evaluate(() => {
        for (const more = document.querySelector(".listing-more button"); !more.hidden;) more.click();
      });
      const moved = await page.evaluate(() =>
        [...document.querySelectorAll(".listing .card")].map((card) => {
          const badge = card.querySelector(".moved");
          if (!badge) return 0;
          const places = Number(badge.querySelector("[aria-hidden]").textContent.slice(1));
          return badge.matches(".moved-up") ? places : -places;
        }),
      );
      const products = async () => (await listed(page)).map((item) => productOf.get(item));
      const yours = await products();
      await choose(page, "store");
      const store = await products();
      await choose(page, "yours");
      const expected = yours.map((product, place) => store.indexOf(product) - place);
      assert.ok(expected.some((places) => places > 0));
      assert.deepEqual(moved, expected, hash);
    }
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
    assert.ok(await page.evaluate(() => document.activeElement.matches("#events-title")), "the focus stays");
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
    await choose(page, "yours");
    await go(page, "#/shelves/Home/Lamps");
    const inCart = ".listing [data-item='tl-0122-oatmeal'] .card-why";
    assert.equal(await text(page, inCart), "You put this in your cart");
  }));

test("what was chosen together is said of nothing else", () =>
  withStore(async (page) => {
    const said = (block) =>
      page.evaluate((block) => {
        const element = document.querySelector(`[data-block="${block}"]`);
        const reasons = [...element.querySelectorAll(".card-why")].map((why) => why.textContent);
        return { note: element.querySelector(".block-note").textContent, reasons };
      }, block);
    const notes = new Set();
    await go(page, PACKS);
    for (const item of ["ss-0121", "kt-0122", ...(await listed(page)).slice(0, 4)]) {
      await go(page, `#/product/${item}`);
      const { note, reasons } = await said("together");
      const isTogether = reasons.every((why) => why === "Often chosen together with this");
      assert.match(
        note,
        isTogether ? /^Chosen together with .+, by everyone who shopped here\.$/ : /^What suits /,
        item,
      );
      notes.add(note.split(" ", 1)[0]);
    }
    assert.deepEqual([...notes].sort(), ["Chosen", "What"], "both were seen");
    for (const persona of ["mara", "jonas", "aiko", "brandt"]) {
      await shopAs(page, persona);
      await go(page, "#/cart");
      const { note, reasons } = await said("cross-sell");
      const isTogether = reasons.every((why) => why.startsWith("Goes with "));
      assert.match(note, isTogether ? /^Chosen together with these things/ : /^What suits these things\.$/, persona);
    }
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

test("rules count what stands on the page: one color of a thing", () =>
  withStore(async (page) => {
    const items = new Map((await catalogOf(page)).map((item) => [item.item_id, item]));
    const check = (shown, where) => {
      const first = shown.slice(0, 8).map((item) => items.get(item));
      for (const [attribute, most] of [
        ["brand", 2],
        ["seller", 5],
      ]) {
        const values = first.map((item) => item[attribute]);
        for (const value of values) {
          const found = values.filter((other) => other === value).length;
          assert.ok(found <= most, `${found} of ${value} are the first in ${where}`);
        }
      }
    };
    for (const persona of ["mara", "jonas", "aiko", "brandt", "edith", "nils"]) {
      await shopAs(page, persona);
      for (const department of ["Camp", "Women", "Men", "Home"]) {
        await go(page, `#/shelves/${department}`);
        check(await listed(page), `${department} for ${persona}`);
      }
      await go(page, "#/");
      for (const block of ["for-you", "because"]) {
        const shown = await inBlock(page, block);
        assert.equal(shown.length, 8);
        check(shown, `${block} for ${persona}`);
        const { price } = items.get(shown[2]);
        assert.ok(price < 30, `what is third in ${block} for ${persona} costs ${price}`);
      }
    }
  }));

test("a department has as many products as the entrance says", () =>
  withStore(async (page) => {
    const departments = await page.evaluate(() =>
      [...document.querySelectorAll(".department")].map((link) => [link.hash, link.lastChild.textContent]),
    );
    for (const [hash, count] of departments) {
      await go(page, hash);
      assert.equal(await text(page, ".page-count"), count, hash);
    }
  }));

test("whoever shops as a persona sees their order, until nothing is known of them", () =>
  withStore(async (page) => {
    await go(page, PACKS);
    const item = (await listed(page))[0];
    await go(page, `#/product/${item}`);
    await page.click(".product-actions .button");
    await page.click(".wish");
    assert.match(await text(page, ".added"), /^In your cart/);
    await choose(page, "store");
    await page.click(".bar-button");
    assert.match(await text(page, ".personas .dialog-lead"), /your cart and your wish list/);
    await page.click("[data-persona='jonas']");
    assert.deepEqual(await switchSays(page), { value: "yours", disabled: false });
    assert.equal(await text(page, ".added"), "", "that was another’s cart");
    assert.equal(await page.evaluate(() => document.querySelector(".wish").ariaPressed), "false");
    assert.equal(await text(page, ".bar-who"), "Jonas");
    await openData(page);
    await page.click("[data-forget='all']");
    assert.equal(await text(page, ".bar-who"), "Shop as …");
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

/** WebKit scrolls what gets the focus to the edge, whatever its padding. */
const heedsPadding = { skip: engine === "webkit" && "webkit has no padding where the focus goes" };

test("what has the focus is not behind the demo's controls", heedsPadding, () =>
  withStore(async (page) => {
    await go(page, CAMP);
    const hidden = await page.evaluate(() => {
      const bar = document.querySelector(".bar");
      const isHidden = (link) => {
        link.focus();
        return link.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
      };
      return [...document.querySelectorAll(".card a, .foot a")].filter(isHidden).map((link) => link.textContent);
    });
    assert.deepEqual(hidden, []);
  }),
);

test("the focus stays near what was pressed, when that goes", () =>
  withStore(async (page) => {
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document;
        return activeElement.closest(".card")?.dataset.item ?? activeElement.textContent;
      });
    await go(page, CAMP);
    const first = await listed(page);
    await page.evaluate(() => {
      const more = document.querySelector(".listing-more button");
      more.focus();
      more.click();
    });
    const more = await listed(page);
    assert.deepEqual(more.slice(0, 24), first);
    assert.equal(await focused(), more[24], "the first card that is new");

    await openMenu(page);
    await page.click(".menu [data-say='not']");
    assert.equal(await focused(), (await listed(page))[0], "the card that took its place");
    await page.click(".toast-undo");
    assert.equal((await listed(page))[0], first[0]);

    for (const item of first.slice(0, 2)) {
      await go(page, `#/product/${item}`);
      await page.click(".wish");
    }
    await go(page, "#/wishes");
    const [one, other] = await listed(page);
    await page.click(`[data-item="${one}"] .heart`);
    assert.equal(await focused(), other);
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    await page.click(`[data-item="${other}"] .heart`);
    assert.equal(await focused(), "Wish list");

    await go(page, `#/product/${first[0]}`);
    await page.click(".product-actions .button");
    await go(page, "#/cart");
    await page.click(".summary .button");
    await page.click(".checkout .button");
    assert.match(await focused(), /^Thank you/);
  }));

test("going back closes what stands open over the page", () =>
  withStore(async (page) => {
    await go(page, PACKS);
    await openData(page);
    await traverse(page, -1);
    assert.ok(await page.evaluate(() => document.activeElement.matches("main h1")));
    await traverse(page, 1);
    await openMenu(page);
    await traverse(page, -1);
    await waitForNone(page, ".dialog, .menu");
    assert.deepEqual(await page.errors(), []);
  }));

test("going back leads to where the shopper was, and a link to the top", () =>
  withStore(async (page) => {
    const height = () => page.evaluate(() => Math.round(scrollY));
    await go(page, CAMP);
    await page.evaluate(() => {
      const select = document.querySelector(".sorting select");
      select.value = "cheapest";
      select.dispatchEvent(new Event("change"));
      document.querySelector(".listing-more button").click();
      scrollTo(0, 900);
    });
    const shown = await listed(page);
    assert.equal(shown.length, 48);
    const follow = (options) =>
      page.evaluate((options) => {
        // What a held key opens is no part of this page.
        if (options) addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
        const link = document.querySelectorAll(".card-title a")[30];
        link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...options }));
      }, options);
    await follow();
    await page.waitFor(".product");
    assert.equal(await height(), 0);
    await traverse(page, -1);
    assert.deepEqual(await listed(page), shown);
    assert.equal(await page.evaluate(() => document.querySelector(".sorting select").value), "cheapest");
    assert.equal(await height(), 900);

    await traverse(page, 1);
    await page.evaluate(() => scrollTo(0, 300));
    await traverse(page, -1);
    await follow({ ctrlKey: true });
    await traverse(page, 1);
    assert.equal(await height(), 300, "no link led here");

    await traverse(page, -1);
    await page.evaluate(() => document.querySelector(".head-nav a").click());
    assert.equal(await height(), 0, "a link to the page itself");
    await page.evaluate(() => document.querySelector(".logo").click());
    await page.waitFor(".hero");
    await page.evaluate(() => document.querySelector(".head-nav a").click());
    await page.waitFor(".listing");
    assert.equal((await listed(page)).length, 24, "a link begins anew");
    assert.equal(await height(), 0);
  }));

test("the search field says what is searched for, after going back and forward, too", () =>
  withStore(async (page) => {
    const field = () => page.evaluate(() => document.querySelector(".search input").value);
    await tabTo(page, ".search input");
    for (const letter of "tent") await page.press(letter);
    await waitForText(page, "h1", "“tent”");
    await traverse(page, -1);
    assert.equal(await field(), "");
    await traverse(page, 1);
    assert.equal(await text(page, "h1"), "“tent”");
    assert.equal(await field(), "tent");
  }));

test("a card's menu closes as its button is pressed again, and as the card scrolls away", () =>
  withStore(async (page) => {
    await go(page, PACKS);
    const isExpanded = () => page.evaluate(() => document.querySelector(".card-more").ariaExpanded);
    for (let times = 0; times < 2; times += 1) {
      assert.equal(await isExpanded(), "false");
      await openMenu(page);
      assert.equal(await isExpanded(), "true");
      await page.click(".card-more");
      await waitForNone(page, ".menu");
    }
    await openMenu(page);
    await page.evaluate(() => scrollBy(0, 60));
    await waitForNone(page, ".menu");
    assert.ok(await page.evaluate(() => document.activeElement.matches(".card-more")), "the focus returns");
  }));

test("what is chosen is seen in forced colors, too", { skip: engine !== "firefox" && "only Firefox is told to" }, () =>
  withStore(
    async (page) => {
      await page.click(".answer");
      const backgrounds = await page.evaluate(() => {
        const probe = document.createElement("p");
        probe.style = "background: Highlight; forced-color-adjust: none";
        document.body.append(probe);
        const chosen = [".switch label:has(:checked)", ".answer[aria-pressed='true']"];
        return [probe, ...chosen.map((selector) => document.querySelector(selector))].map(
          (element) => getComputedStyle(element).backgroundColor,
        );
      });
      assert.equal(new Set(backgrounds).size, 1, backgrounds.join());
    },
    { preferences: { "browser.display.document_color_use": 2 } },
  ),
);

test("fits a phone: nothing is wider than the window", () =>
  withStore(async (page) => {
    await page.resize(360, 740);
    await shopAs(page, "edith");
    const item = (await inBlock(page, "for-you"))[0];
    const addresses = ["#/", CAMP, "#/search?q=wool", `#/product/${item}`, "#/cart", "#/wishes", "#/merchandising"];
    for (const hash of [...addresses, `#/search?q=${LONG_WORD}`]) {
      await go(page, hash);
      if (hash === "#/merchandising") await page.waitFor(".bench");
      const { wide, window } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        window: document.documentElement.clientWidth,
      }));
      assert.ok(wide <= window, `${hash} is ${wide} px wide in a window of ${window}`);
    }
    await go(page, "#/");
    await openData(page);
    assert.match(await text(page, ".event-words"), /^Searched for “Schlecht/);
    const { wide, room } = await page.evaluate(() => {
      const words = document.querySelector(".event-words");
      return { wide: words.scrollWidth, room: words.clientWidth };
    });
    assert.ok(wide <= room, `a word of ${wide} px stands in ${room}`);
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
      assert.deepEqual(await switchSays(page), { value: "store", disabled: true });
      await go(page, "#/");
      assert.match(await text(page, ".promise"), /nothing that you do is noted/);
      await page.click(".bar-button");
      assert.match(await text(page, ".personas"), /Nothing is noted for now/);
      await page.press("Escape");
      await openData(page);
      assert.equal(
        await page.evaluate(() => document.querySelector(".notice").dataset.failure),
        "ERR_WASM_UNAVAILABLE",
      );
      assert.equal(await text(page, "[data-figure='wasm'] dd"), "none");
      assert.equal(await text(page, ".events-none"), "Nothing, and nothing that you do is noted.");
    },
    { headers: { "Content-Security-Policy": "default-src 'self'" } },
  ));

test("opens without what never arrives", () =>
  withStore(async (page, server) => {
    const openWithout = (paths, use) =>
      withoutAnswer(server.url, paths, async (url) => {
        await page.goto(`${url}/`);
        await page.waitFor("html[data-ready] main h1");
        await use();
      });
    await openWithout(["/store.shelf"], async () => {
      assert.deepEqual(await switchSays(page), { value: "store", disabled: true });
      await openData(page);
      assert.match(await text(page, "[data-failure='TimeoutError']"), /The model took too long to arrive\./);
    });
    await openWithout(["/store.rules", "/shoppers.json"], async () => {
      assert.deepEqual(await switchSays(page), { value: "yours", disabled: false });
    });
  }));

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
