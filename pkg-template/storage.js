// Keeps a session in a Web Storage. Nothing is read or written before a method that says so is called.

const DAY_MS = 24 * 60 * 60 * 1000;

/** The `sessionStore` of `storage.d.ts`. */
export function sessionStore(storage, { key = "reshelve", maxAgeMs = 30 * DAY_MS } = {}) {
  // Where storage is blocked, already to name `localStorage` throws: so a function may give it.
  const open = () => (typeof storage === "function" ? storage() : storage);
  const recent = (events) => events.filter(({ timestamp }) => timestamp >= Date.now() - maxAgeMs);
  return {
    restore(model) {
      try {
        const { v, events } = JSON.parse(open().getItem(key));
        return model.session({ v, events: recent(events) });
      } catch {
        return model.session();
      }
    },
    persist(session) {
      try {
        const { v, events } = session.state();
        open().setItem(key, JSON.stringify({ v, events: recent(events) }));
        return true;
      } catch {
        return false;
      }
    },
    erase() {
      try {
        open().removeItem(key);
        return true;
      } catch {
        return false;
      }
    },
  };
}
