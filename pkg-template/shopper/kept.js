// Puts consent between a session and whoever records in it. It stays the `Session` that it is, for every adapter.

/**
 * @param {import("../index.d.ts").Session} session
 * @param {object} hooks
 * @param {(event: unknown) => unknown} hooks.admit the event to record, or undefined
 * @param {() => void} hooks.changed an event was recorded or forgotten
 * @param {() => void} hooks.clear in place of the session's own
 * @returns {Pick<import("../index.d.ts").Session, "events" | "record" | "forget" | "clear">} the session's own methods
 */
export function intercept(session, { admit, changed, clear }) {
  const own = Object.fromEntries(
    ["events", "record", "forget", "clear"].map((name) => [name, session[name].bind(session)]),
  );
  session.record = (event) => {
    const admitted = admit(event);
    const id = admitted === undefined ? undefined : own.record(admitted);
    if (id !== undefined) changed();
    return id;
  };
  session.forget = (eventId) => {
    const isForgotten = own.forget(eventId);
    if (isForgotten) changed();
    return isForgotten;
  };
  session.clear = () => clear();
  return own;
}
