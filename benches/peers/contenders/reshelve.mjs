// The packed npm package, by its public calls.

import { loadModel } from "reshelve";
import { NOW } from "../world.mjs";

const MINUTE = 60_000;
const WASM = "reshelve/wasm/reshelve.wasm";

export const title = "Reshelve";
export const npm = "reshelve";
export const inputs = ["store.shelf"];
export const assets = [WASM];

export const open = ({ files }, assets) => openReshelve(files["store.shelf"], assets);

/** @param {Uint8Array} file of the model */
export async function openReshelve(file, { [WASM]: wasm }) {
  const model = await loadModel(file, { wasm, maxMemory: 2 ** 30 });
  const itemId = ({ id }) => id;
  const rerank = (session, list) => session.rerank(list, { surface: "category", itemId, now: NOW }).items;
  return {
    prepare(index, { sessions }) {
      const session = model.session();
      sessions[index].forEach((id, place, { length }) =>
        session.record({ type: "view", itemId: id, timestamp: NOW - (length - place) * MINUTE }),
      );
      return session;
    },
    search: (session) => session.recommend({ surface: "home", limit: 20, now: NOW }).items.map(({ itemId }) => itemId),
    rerank,
    visit(session, list, id) {
      session.record({ type: "view", itemId: id, timestamp: NOW });
      return rerank(session, list);
    },
    release: (session) => session.dispose(),
  };
}
