// A visit that comes with the address, from another device's QR code: it is brought in only if the shopper says so.

import { linkTo, parseAddress } from "../addresses.js";
import { openDialog } from "../ui/dialog.js";
import { h } from "../ui/dom.js";
import { showToast } from "../ui/toast.js";
import { wordsFor } from "./takeaway.js";

/** Asks now, and whenever such an address comes up. Call it before the router starts, which knows none of them. */
export function welcomeVisits(shop) {
  const look = (event) => {
    const { name, path } = parseAddress(location.hash);
    if (name !== "bring") return;
    event?.stopImmediatePropagation();
    // The code must not stay in the history, or be shared with the address.
    history.replaceState(null, "", linkTo.home());
    if (event) dispatchEvent(new HashChangeEvent("hashchange"));
    ask(shop, path[0] ?? "");
  };
  addEventListener("hashchange", look);
  look();
}

function ask(shop, code) {
  const { personal, reasons } = shop;
  const { restored, events } = personal.describe(code) ?? {
    restored: { outcome: "refused", reason: "failed" },
    events: [],
  };
  const isReadable = restored.outcome !== "refused" && personal.isNoting;
  const bring = () => {
    close();
    showToast(wordsFor(personal.import(code)));
  };
  const { close } = openDialog({
    title: isReadable ? "Bring in a visit?" : "A visit that cannot be read",
    className: "checkout",
    content: isReadable
      ? [
          h(
            "p",
            { class: "dialog-lead" },
            "This address brings along what somebody did in this store, on another device. It is nowhere but in the address.",
          ),
          h(
            "ul",
            { class: "bring-list", role: "list" },
            events.map((event) => h("li", {}, reasons.what(event))),
          ),
          h(
            "p",
            { class: "takeaway-row" },
            h("button", { class: "button", type: "button", "data-bring": "yes", onclick: bring }, "Bring it in"),
            h("button", { class: "button button-quiet", type: "button", onclick: () => close() }, "No, thank you"),
          ),
        ]
      : [h("p", {}, wordsFor({ outcome: "refused", reason: personal.tier === "off" ? "off" : restored.reason }))],
  });
}
