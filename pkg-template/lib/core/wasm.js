// The runtime's WebAssembly.

import * as glue from "../../wasm/reshelve.js";
import { createInstance } from "../instance.js";
import { toFailure } from "../records.js";

export const { start: startWasm, call, release } = /* @__PURE__ */ createInstance(glue, "reshelve", toFailure);
