// What the entries with a model share. Shipped as one module, `lib/core.js`: a page without a bundler loads one for all.

export { createLoadModel } from "./load.js";
export { catalogOf } from "./session.js";
