// How long the visit is remembered: by this page alone, or by this tab.

import { sessionStore } from "reshelve/storage";

/** A tab's own storage, under a key of the store. */
const KEY = "larkmoor-visit";

/** `page`: until it is closed or loaded anew, and nothing is stored. `tab`: in the tab's own storage, until it is closed. */
export class Memory {
  #store = sessionStore(() => sessionStorage, { key: KEY });
  /** @type {"page" | "tab"} */
  place = "page";

  /** The session to go on with: the stored one if the shopper chose so in this tab, else an empty one. */
  open(model) {
    const session = this.#store.restore(model);
    if (session.events().length) this.place = "tab";
    else this.#store.erase();
    return session;
  }

  /** Whether it could be done: a browser may refuse to store anything. `page` erases what was stored. */
  choose(place, session) {
    const done = place === "tab" ? this.#store.persist(session) : this.#store.erase();
    if (done) this.place = place;
    return done;
  }

  /** Keeps what the session holds now, if it is to be kept. Without events there is nothing to keep. */
  save(session) {
    if (this.place !== "tab") return;
    if (session.events().length) this.#store.persist(session);
    else this.#store.erase();
  }
}
