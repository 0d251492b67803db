// Contenders in Node, each in its own process.

import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

export class NodeHost {
  #child;

  /**
   * @param {string} name of the contender
   * @param {string} folder of the world; `floor.wasm` lies in the one above
   */
  constructor(name, folder) {
    this.#child = fork(path.join(import.meta.dirname, "host.mjs"), [name, folder], {
      execArgv: ["--expose-gc"],
    });
  }

  open = (items) => this.#ask("open", items);
  recall = () => this.#ask("recall");
  measure = (operation, forMs) => this.#ask("measure", operation, forMs);
  memory = () => this.#ask("memory");

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }

  async #ask(task, ...given) {
    this.#child.send({ task, given });
    const stopped = new AbortController();
    try {
      const [{ answer, error }] = await Promise.race([
        once(this.#child, "message", { signal: stopped.signal }),
        once(this.#child, "exit", { signal: stopped.signal }).then(() => [{ error: "its process has ended" }]),
      ]);
      if (error) throw new Error(error);
      return answer;
    } finally {
      stopped.abort();
    }
  }
}
