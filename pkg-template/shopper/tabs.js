// What the store's other tabs are told: that something changed, and that consent was withdrawn. Never an event.

export class Tabs {
  #channel;

  /**
   * @param {string} name
   * @param {(message: { say: string, tier?: string, at?: number }) => void} heard
   */
  constructor(name, heard) {
    try {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = ({ data }) => typeof data?.say === "string" && heard(data);
      // Where a process lives until nothing is left to wait for, this is nothing to wait for.
      this.#channel.unref?.();
    } catch {
      // Without it other tabs find out when they are shown or write next.
    }
  }

  tell(message) {
    try {
      this.#channel?.postMessage(message);
    } catch {
      // It was closed.
    }
  }

  close() {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
