// What the entries with a model share. Shipped as one module, `lib/core.js`: a page without a bundler loads one for all.

export { checkIntegrity, parseIntegrity } from "./integrity.js";
export { createLoadModel, heedSaveData } from "./load.js";
export { bytesOf } from "./model.js";
export { MAX_EVENTS, catalogOf } from "./session.js";
