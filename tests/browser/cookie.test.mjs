// The token's cookie follows the shopper's consent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { engine } from "../harness/browser.mjs";
import { shopTests } from "./shop-page.mjs";

/** WebKit takes cookies that say `Secure` over HTTPS alone: there it can only be seen that none is written. */
const takesCookies = engine !== "webkit";

const TESTS = {
  "written where the shopper has agreed, erased at once when not any more": async ({ run }) => {
    const seen = await run(async () => {
      const { keepCookie, readToken } = await import("/reshelve/token.js");
      const { page } = globalThis;
      const shopper = await page.open();
      keepCookie(shopper);
      const seen = {};
      const turn = () => new Promise((resolve) => setTimeout(resolve));
      page.view("item-003");
      await turn();
      seen.undecided = document.cookie;
      await shopper.consent("session");
      await turn();
      seen.agreed = await readToken(document.cookie);
      seen.token = shopper.session.token();
      page.view("item-017");
      await turn();
      seen.later = await readToken(document.cookie);
      seen.laterToken = shopper.session.token();
      await shopper.consent("none");
      seen.withdrawn = document.cookie;
      page.view("item-005");
      await turn();
      seen.after = document.cookie;
      return seen;
    });
    assert.equal(seen.undecided, "");
    if (takesCookies) {
      assert.deepEqual([seen.agreed, seen.later], [{ token: seen.token }, { token: seen.laterToken }]);
      assert.notEqual(seen.token, seen.laterToken);
    }
    assert.deepEqual([seen.withdrawn, seen.after], ["", ""]);
  },

  "written at once for who comes back without one": async ({ run }) => {
    const cookie = await run(async () => {
      const { keepCookie } = await import("/reshelve/token.js");
      const { page } = globalThis;
      const first = await page.open({ consent: "persist" });
      page.view("item-003");
      await first.close();
      keepCookie(await page.open({ consent: "persist" }));
      return document.cookie;
    });
    if (takesCookies) assert.match(cookie, /^reshelve=./);
  },

  "what an earlier visit has left goes where it may not stay, and is not touched where it may": async ({
    run,
    load,
  }) => {
    const after = (tier) =>
      run(async (tier) => {
        const { keepCookie } = await import("/reshelve/token.js");
        const shopper = await globalThis.page.open(tier && { consent: tier });
        document.cookie = `reshelve=${"A".repeat(160)}; Path=/`;
        keepCookie(shopper);
        const { cookie } = document;
        await shopper.close();
        return cookie.length;
      }, tier);
    const sealed = "reshelve=".length + 160;
    for (const [tier, length] of [
      [undefined, sealed],
      ["persist", sealed],
      ["session", sealed],
    ]) {
      await load();
      assert.equal(await after(tier), length, tier);
    }
    if (!takesCookies) return;
    for (const tier of ["none", "off"]) {
      await load();
      assert.equal(await after(tier), 0, tier);
    }
  },
};

test(`the token's cookie in ${engine}`, (context) => shopTests(context, TESTS));
